package main

import (
	"fmt"
	"time"
)

// chain measures the tables that hang on one log group, in which the events of a whole organization arrive.
func chain(t *table) error {
	const (
		accounts   = 1000
		latency    = 20 * time.Millisecond
		classes    = 15
		perPage    = 50
		streams    = 2 * accounts
		mostMemory = 384
		mostMore   = 40 // calls of the chain beside those of the first table
	)
	t.section(fmt.Sprintf("f. An organization trail of %d accounts, 2 log streams an account, 20 ms", accounts))
	e, err := startEndpoint(organization{Accounts: accounts, OrganizationTrail: true, Latency: latency})
	if err != nil {
		return err
	}
	defer e.stop()
	first, err := e.ask(question{SQL: everything, Whole: true}, trouble{})
	if err != nil {
		return err
	}
	for _, q := range []struct {
		what, sql string
		rows      int
	}{
		{"arrival", "select source_account_id, stream_region, arrival_status, status_reason from cloudtrail_cloudwatch_arrival", accounts},
		{"alarms", "select account_id, event_class, alarm_status, status_reason, chains from cloudtrail_cloudwatch_alarm_status", classes * accounts},
	} {
		got, err := e.ask(question{SQL: q.sql, Whole: true, CountOnly: true}, trouble{})
		if err != nil {
			return err
		}
		t.count(q.what+": rows", fmt.Sprint(got.Count), fmt.Sprint(q.rows), got.Count == q.rows)
		if pages := got.calls["logs:DescribeLogStreams"]; q.what == "arrival" {
			t.count(q.what+": pages of log streams", fmt.Sprint(pages), fmt.Sprint(streams/perPage), pages == streams/perPage)
		}
		more := got.calls.total() - first.calls.total()
		t.count(q.what+": calls more than the first table's", fmt.Sprint(more), fmt.Sprintf("≤ %d", mostMore), more <= mostMore)
		t.report(q.what+": time", fmt.Sprintf("%s, %.2f × the first table's", milliseconds(got.Wall), ratio(got.Wall, first.Wall)))
		t.atMost(q.what+": peak memory", " MiB", got.PeakMiB, mostMemory)
	}
	return nil
}
