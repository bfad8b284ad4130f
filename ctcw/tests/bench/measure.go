package main

import (
	"flag"
	"fmt"
	"os"
	"time"
)

var profiles = flag.String("profiles", "", "`folder` to write profiles of the asking processes to")

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
		if last, err = e.ask(question{SQL: everything}, trouble{}); err != nil {
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
		mostMemory = 256
		mostRatio  = 1.5
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
	for _, c := range []*comparison{&small, &large} {
		c.report(t, mostRatio)
		t.atMost(c.size()+"peak memory", " MiB", c.peak, mostMemory)
	}
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
		got, err := e.ask(question{SQL: q.sql, Whole: true}, trouble{})
		if err != nil {
			return err
		}
		t.count(q.what, fmt.Sprintf("%d: %s", got.calls.total(), got.calls), fmt.Sprintf("≤ %d", q.want), got.calls.total() <= q.want)
	}
	return nil
}

func ratio(a, b time.Duration) float64 { return a.Seconds() / b.Seconds() }
