package main

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// outage measures what a region that never answers costs a scan, and whether the rows say so.
func outage(t *table) error {
	const (
		accounts = 1000
		latency  = 20 * time.Millisecond
		region   = "eu-central-1"
		mostMore = 30 * time.Second
		patience = 90 * time.Second // then it is clear enough that the target is missed
	)
	t.section(fmt.Sprintf("j. An outage: %d accounts, 1 of 17 regions hangs, %s", accounts, milliseconds(latency)))
	e, err := startEndpoint(organization{Accounts: accounts, Trails: 1, Latency: latency})
	if err != nil {
		return err
	}
	defer e.stop()
	q := question{Whole: true, Patience: patience, SQL: fmt.Sprintf(`select account_id, ' ', arn, ' ', delivery_status, ' ',
  case when unscanned_regions like '%%"%[1]s"%%' and scan_error like '%%%[1]s%%' then 'named' else 'silent' end
from %s`, region, firstTable)}
	good, err := e.ask(q, trouble{})
	if err != nil {
		return err
	}
	got, err := e.ask(q, trouble{Hang: region})
	if err != nil {
		return err
	}
	t.report("time without", milliseconds(good.Wall))
	more := got.Wall - good.Wall
	if got.Cut {
		t.add("time more", fmt.Sprintf("over %s s: cut short", number(more.Seconds())), fmt.Sprintf("≤ %g s", mostMore.Seconds()), verdict(false))
		return nil
	}
	t.report("time with", milliseconds(got.Wall))
	t.atMost("time more", " s", more.Seconds(), mostMore.Seconds())
	t.report("calls more", fmt.Sprint(got.calls.total()-good.calls.total()))
	lost, silent := 0, 0
	for _, row := range good.Rows {
		told, without := strings.CutSuffix(row, "silent")
		if !without {
			return fmt.Errorf("a row names %s without an outage: %s", region, row)
		}
		switch {
		case slices.Contains(got.Rows, told+"named"):
		case slices.Contains(got.Rows, row):
			silent++
		default:
			lost++
		}
	}
	t.count("rows that are lost", fmt.Sprint(lost), "0", lost == 0 && got.Count == good.Count)
	t.count("rows that do not name the region", fmt.Sprint(silent), "0", silent == 0)
	return nil
}
