package main

import (
	"flag"
	"fmt"
	"os"
	"time"
)

var profiles = flag.String("profiles", "", "`folder` to write CPU profiles of the asking processes to")

func progress(format string, args ...any) { fmt.Fprintf(os.Stderr, format+"\n", args...) }

// everything selects what makes a verdict and what went wrong on the way. All of it stays the same while the
// organization does, so throttled answers can be compared with others.
const everything = `select account_id, arn, region, delivery_status, status_reason, remediation, is_logging,
  latest_cloudwatch_logs_delivery_time, log_group_arn, log_group_status, retention_in_days, status_region,
  unscanned_regions, scan_error, trail_status_error, log_group_error
from cloudtrail_cloudwatch_status`

// oneAccount measures how near one account comes to the three round trips that the plan is deep: identity and
// regions, trails, status and log group.
func oneAccount(t *table) error {
	const (
		runs    = 9
		latency = 50 * time.Millisecond
		trips   = 3 * latency
	)
	t.section("a. One account, 17 regions, 2 multi-region trails, 50 ms")
	e, err := startEndpoint(organization{Accounts: 1, Trails: 2, Latency: latency})
	if err != nil {
		return err
	}
	defer e.stop()
	var walls []time.Duration
	var last answer
	for range runs {
		if last, err = e.ask(everything, false, 0); err != nil {
			return err
		}
		walls = append(walls, last.Wall)
	}
	const most = 17 + 2 + 2 + 2
	t.count("calls", fmt.Sprintf("%d: %s", last.calls.total(), last.calls), fmt.Sprintf("≤ %d", most), last.calls.total() <= most)
	t.count("rows", fmt.Sprint(len(last.Rows)), "2", len(last.Rows) == 2)
	t.report("time", milliseconds(median(walls)))
	t.atMost("time : three round trips", "", ratio(median(walls), trips), 1.3)
	return nil
}

// manyAccounts measures organizations of two sizes, in order and then throttled.
func manyAccounts(t *table) error {
	const (
		runs       = 3
		latency    = 20 * time.Millisecond
		mostGrowth = 11
	)
	t.section("b. An organization, 17 regions and 1 trail an account, 20 ms")
	var small, large comparison
	for accounts, c := range map[int]*comparison{100: &small, 1000: &large} {
		e, err := startEndpoint(organization{Accounts: accounts, Trails: 1, Latency: latency})
		if err != nil {
			return err
		}
		defer e.stop()
		c.endpoint = e
	}
	// What else the machine does changes: what is compared is measured by turns.
	var growth []float64
	for range runs {
		for _, c := range []*comparison{&small, &large} {
			if err := c.measure(); err != nil {
				return err
			}
		}
		growth = append(growth, ratio(large.answer.Wall, small.answer.Wall))
	}
	small.report(t)
	large.report(t)
	t.atMost("time of 1000 accounts : that of 100", "", median(growth), mostGrowth)

	t.section("c. The same, throttled")
	for _, c := range []*comparison{&small, &large} {
		for _, share := range []float64{0.1, 0.3} {
			if err := c.throttle(t, share); err != nil {
				return err
			}
		}
	}
	return nil
}

// comparison is that of the plugin with the bare loop, on one endpoint.
type comparison struct {
	endpoint     *endpoint
	answer       answer // the last
	loop         bareLoop
	walls, bares []time.Duration
	ratios       []float64
	peak         float64
}

func (c *comparison) measure() (err error) {
	if c.answer, err = c.endpoint.ask(everything, true, 0); err != nil {
		return err
	}
	if c.loop, err = c.endpoint.bare(); err != nil {
		return err
	}
	c.walls, c.bares = append(c.walls, c.answer.Wall), append(c.bares, c.loop.Wall)
	c.ratios = append(c.ratios, ratio(c.answer.Wall, c.loop.Wall))
	c.peak = max(c.peak, c.answer.PeakMiB)
	progress("  %d accounts: %s, bare loop %s", c.endpoint.Accounts, milliseconds(c.answer.Wall), milliseconds(c.loop.Wall))
	return nil
}

func (c *comparison) report(t *table) {
	const mostMemory = 256
	accounts := c.endpoint.Accounts
	n := fmt.Sprintf("%d accounts: ", accounts)
	rows, calls, need := len(c.answer.Rows), c.answer.calls.total(), needed(accounts)
	t.count(n+"rows", fmt.Sprint(rows), fmt.Sprint(accounts), rows == accounts)
	t.count(n+"calls", fmt.Sprintf("%d: %s", calls, c.answer.calls), fmt.Sprintf("≤ %d", need), calls <= need)
	t.count(n+"calls of the bare loop", fmt.Sprint(c.loop.calls.total()), fmt.Sprint(calls), c.loop.calls.total() == calls)
	t.report(n+"time", milliseconds(median(c.walls)))
	t.report(n+"time of the bare loop", milliseconds(median(c.bares)))
	t.atMost(n+"time : that of the bare loop", "", median(c.ratios), 1.5)
	t.atMost(n+"peak memory", " MiB", c.peak, mostMemory)
}

// throttle asks again while a share of the calls is refused.
func (c *comparison) throttle(t *table, share float64) error {
	progress("  %d accounts, %.0f %% throttled", c.endpoint.Accounts, share*100)
	got, err := c.endpoint.ask(everything, true, share)
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
	t.report(n+"time", fmt.Sprintf("%s, %.1f × that without", milliseconds(got.Wall), ratio(got.Wall, median(c.walls))))
	t.report(n+"calls refused", fmt.Sprintf("%d of %d", got.calls.total()-good.calls.total(), got.calls.total()))
	return nil
}

// needed is how many calls the verdicts of an organization take, one trail an account: who the caller is, the
// pages of accounts, then for each account its regions, its trails, a status and a log group, and a role for all
// but the caller's own.
func needed(accounts int) int {
	const page = 20
	return 1 + (accounts+page-1)/page + accounts*(1+17+1+1) + accounts - 1
}

// typicalQueries counts the calls of queries that need few columns or few rows.
func typicalQueries(t *table) error {
	const accounts = 25
	t.section("e. Calls of typical queries, 25 accounts × 17 regions × 1 trail")
	e, err := startEndpoint(organization{Accounts: accounts, Trails: 1})
	if err != nil {
		return err
	}
	defer e.stop()
	var (
		all    = needed(accounts)
		member = e.AccountIDs[accounts/2]
		who    = 1 + 2 + 1 // identity, pages of accounts, the caller's own regions
	)
	for _, q := range []struct {
		what, sql string
		want      int
	}{
		{"every verdict", "select account_id, name, delivery_status, status_reason from cloudtrail_cloudwatch_status", all},
		{"settings only", "select account_id, name, log_group_arn, is_multi_region_trail from cloudtrail_cloudwatch_status", all - 2*accounts},
		{"retention only", "select arn, retention_in_days from cloudtrail_cloudwatch_status where log_group_status = 'found'", all - accounts},
		{"verdicts of one region", "select arn, delivery_status from cloudtrail_cloudwatch_status where region = 'us-east-1'", all - 16*accounts},
		{"verdicts of one account", fmt.Sprintf("select name, delivery_status from cloudtrail_cloudwatch_status where account_id = '%s'", member), who + 2 + 17 + 2},
	} {
		got, err := e.ask(q.sql, true, 0)
		if err != nil {
			return err
		}
		t.count(q.what, fmt.Sprintf("%d: %s", got.calls.total(), got.calls), fmt.Sprintf("≤ %d", q.want), got.calls.total() <= q.want)
	}
	return nil
}

func ratio(a, b time.Duration) float64 { return a.Seconds() / b.Seconds() }
