package main

import (
	"fmt"
	"time"

	"github.com/ctcw/steampipe-plugin-ctcw/ctcw/sample"
)

// withQuotas measures how near a scan of the largest organization comes to what AWS's quotas allow.
func withQuotas(t *table) error {
	const (
		accounts  = 10_000
		latency   = 20 * time.Millisecond
		mostRatio = 1.3
	)
	t.section(fmt.Sprintf("h. AWS's quotas: %d accounts, 17 regions and 1 trail an account, %s", accounts, milliseconds(latency)))
	e, err := startEndpoint(organization{Accounts: accounts, Trails: 1, Latency: latency})
	if err != nil {
		return err
	}
	defer e.stop()
	limit, why := allowed(neededCalls(e.AccountIDs), pages(accounts), latency)
	got, err := e.ask(question{SQL: everything, Whole: true, CountOnly: true}, trouble{Quotas: true})
	if err != nil {
		return err
	}
	let, need := got.calls.total()-got.refused, needed(accounts)
	t.count("rows", fmt.Sprint(got.Count), fmt.Sprint(accounts), got.Count == accounts)
	t.count("calls that were not refused", fmt.Sprint(let), fmt.Sprintf("≤ %d", need), let <= need)
	t.report("calls refused", fmt.Sprintf("%d of %d", got.refused, got.calls.total()))
	t.report("what the quotas allow", fmt.Sprintf("%s: %s", milliseconds(limit), why))
	t.report("time", fmt.Sprintf("%s, of it %s of one processor", milliseconds(got.Wall), milliseconds(got.worked)))
	t.atMost("time : what the quotas allow", "", ratio(got.Wall, limit), mostRatio)
	t.report("peak memory", number(got.PeakMiB)+" MiB")
	return nil
}

// allowed is the least time that calls take under AWS's quotas, and what makes it so: a bucket of tokens, or the pages of
// accounts, each of which is asked for with what the one before it says.
func allowed(calls map[sample.Call]int, pages int, latency time.Duration) (time.Duration, string) {
	quotas := sample.AWSQuotas()
	least, bucket := quotas.Least(calls)
	if chain := time.Duration(pages) * latency; chain > least {
		return chain, fmt.Sprintf("%d pages of accounts, one after the other", pages)
	}
	quota := quotas[bucket.Action]
	return least, fmt.Sprintf("%s, %d at once and %s a second", bucket.Action, quota.Burst, number(quota.Rate))
}
