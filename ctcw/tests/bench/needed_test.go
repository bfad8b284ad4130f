package main

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/ctcw/steampipe-plugin-ctcw/ctcw/sample"
)

func TestNeededCalls(t *testing.T) {
	for _, accounts := range []int{1, 20, 21, 1000} {
		total := 0
		for _, n := range neededCalls(ids(accounts)) {
			total += n
		}
		assert.Equal(t, needed(accounts), total, accounts)
	}
}

// TestWhatQuotasAllow: the limit of part h is the pages of accounts, which no other call of a scan comes near.
func TestWhatQuotasAllow(t *testing.T) {
	quotas, calls := sample.AWSQuotas(), neededCalls(ids(10_000))
	least, bucket := quotas.Least(calls)
	assert.Equal(t, 61*time.Second, least) // 500 pages, 12 of them at once, then 8 a second
	assert.Equal(t, sample.Call{Action: "organizations:ListAccounts", Account: "1"}, bucket)

	delete(quotas, "organizations:ListAccounts")
	least, bucket = quotas.Least(calls)
	assert.InDelta(t, 15.7, least.Seconds(), 0.1) // 9,999 roles, 600 of them at once, then 600 a second
	assert.Equal(t, sample.Call{Action: "sts:AssumeRole", Account: "1", Region: homeRegion}, bucket)

	delete(quotas, "sts:AssumeRole")
	least, _ = quotas.Least(calls)
	assert.Zero(t, least, "what is asked of each account fits into its bursts")
}

func ids(accounts int) []string {
	all := make([]string, accounts)
	for i := range all {
		all[i] = fmt.Sprint(i + 1)
	}
	return all
}
