package main

import (
	"fmt"
	"time"
)

// growing measures organizations of three sizes. The latency is so small that the processors set the pace at each size, and
// the work that the plugin adds to each call shows; not 0, so that calls have to overlap.
func growing(t *table) error {
	const (
		latency    = 5 * time.Millisecond
		mostRatio  = 1.3
		mostGrowth = 1.5
	)
	t.section(fmt.Sprintf("g. Organizations of three sizes, 17 regions and 1 trail an account, %s", milliseconds(latency)))
	var all []*comparison
	// The larger, the less a moment of other work on the machine counts.
	for _, size := range []struct{ accounts, runs int }{{100, 5}, {1000, 2}, {10_000, 1}} {
		c, err := compare(organization{Accounts: size.accounts, Trails: 1, Latency: latency}, size.runs)
		if err != nil {
			return err
		}
		c.report(t, mostRatio)
		t.report(c.size()+"peak memory", fmt.Sprintf("%s MiB, bare loop %s MiB", number(c.peak), number(c.loop.PeakMiB)))
		all = append(all, c)
	}
	thousand, tenThousand := all[1], all[2]
	t.atMost("peak memory of 10000 accounts : that of 1000", "", tenThousand.peak/thousand.peak, mostGrowth)
	return nil
}

// compare measures the plugin and the bare loop by turns, on an endpoint that ends with it.
func compare(o organization, runs int) (*comparison, error) {
	e, err := startEndpoint(o)
	if err != nil {
		return nil, err
	}
	defer e.stop()
	c := &comparison{endpoint: e, countOnly: true}
	for range runs {
		if err := c.measure(); err != nil {
			return nil, err
		}
	}
	return c, nil
}
