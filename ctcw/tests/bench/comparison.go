package main

import (
	"fmt"
	"time"
)

// comparison is that of the plugin with the bare loop, on one endpoint.
type comparison struct {
	endpoint     *endpoint
	countOnly    bool   // the rows, so that they take no memory
	answer       answer // the last
	loop         bareLoop
	walls, bares []time.Duration
	ratios       []float64 // of the times
	works        []float64 // ratios of the processor times
	peak         float64
}

func (c *comparison) measure() (err error) {
	if c.answer, err = c.endpoint.ask(question{SQL: everything, Whole: true, CountOnly: c.countOnly}, trouble{}); err != nil {
		return err
	}
	if c.loop, err = c.endpoint.bare(); err != nil {
		return err
	}
	c.walls, c.bares = append(c.walls, c.answer.Wall), append(c.bares, c.loop.Wall)
	c.ratios = append(c.ratios, ratio(c.answer.Wall, c.loop.Wall))
	c.works = append(c.works, ratio(c.answer.worked, c.loop.worked))
	c.peak = max(c.peak, c.answer.PeakMiB)
	progress("  %d accounts: %s, bare loop %s", c.endpoint.Accounts, milliseconds(c.answer.Wall), milliseconds(c.loop.Wall))
	return nil
}

// size begins the rows of the table.
func (c *comparison) size() string { return fmt.Sprintf("%d accounts: ", c.endpoint.Accounts) }

func (c *comparison) report(t *table, mostRatio float64) {
	accounts, n := c.endpoint.Accounts, c.size()
	rows, calls, need := c.answer.Count, c.answer.calls.total(), needed(accounts)
	t.count(n+"rows", fmt.Sprint(rows), fmt.Sprint(accounts), rows == accounts)
	t.count(n+"calls", fmt.Sprintf("%d: %s", calls, c.answer.calls), fmt.Sprintf("≤ %d", need), calls <= need)
	t.count(n+"calls of the bare loop", fmt.Sprint(c.loop.calls.total()), fmt.Sprint(need), c.loop.calls.total() == need)
	t.report(n+"time", milliseconds(median(c.walls)))
	t.report(n+"time of the bare loop", milliseconds(median(c.bares)))
	t.atMost(n+"time : that of the bare loop", "", median(c.ratios), mostRatio)
	t.report(n+"processor time : that of the bare loop", number(median(c.works)))
}

// throttle asks again while a share of the calls is refused.
func (c *comparison) throttle(t *table, share float64) error {
	const mostRatio = 3
	progress("  %d accounts, %.0f %% throttled", c.endpoint.Accounts, share*100)
	got, err := c.endpoint.ask(question{SQL: everything, Whole: true}, trouble{Throttle: share})
	if err != nil {
		return err
	}
	good := c.answer
	n := fmt.Sprintf("%d accounts, %.0f %%: ", c.endpoint.Accounts, share*100)
	differ := 0
	for i, row := range got.Rows {
		if i >= len(good.Rows) || row != good.Rows[i] {
			differ++
		}
	}
	t.count(n+"rows", fmt.Sprint(len(got.Rows)), fmt.Sprint(len(good.Rows)), len(got.Rows) == len(good.Rows))
	t.count(n+"rows that differ in any column", fmt.Sprint(differ), "0", differ == 0)
	t.report(n+"time", milliseconds(got.Wall))
	t.atMost(n+"time : that without", "", ratio(got.Wall, median(c.walls)), mostRatio)
	t.report(n+"calls refused", fmt.Sprintf("%d of %d", got.refused, got.calls.total()))
	return nil
}
