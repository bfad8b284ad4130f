package main

import "github.com/ctcw/steampipe-plugin-ctcw/ctcw/sample"

// pageSize is how many accounts a page of ListAccounts has.
const pageSize = 20

// pages is how many pages of ListAccounts an organization takes, one after the other.
func pages(accounts int) int { return (accounts + pageSize - 1) / pageSize }

// needed is how many calls the verdicts of an organization take, one trail an account: who the caller is, the
// pages of accounts, then for each account its regions, its trails, a status and a log group, and a role for all
// but the caller's own.
func needed(accounts int) int {
	return 1 + pages(accounts) + accounts*(1+17+1+1) + accounts - 1
}

// neededCalls are those calls, as quotas count them. The first account is the caller's own.
func neededCalls(ids []string) map[sample.Call]int {
	all := map[sample.Call]int{
		{Action: "sts:GetCallerIdentity", Account: ids[0], Region: homeRegion}:      1,
		{Action: "sts:AssumeRole", Account: ids[0], Region: homeRegion}:             len(ids) - 1,
		{Action: "organizations:ListAccounts", Account: ids[0], Region: homeRegion}: pages(len(ids)),
	}
	for _, id := range ids {
		for _, action := range []string{"ec2:DescribeRegions", "cloudtrail:GetTrailStatus", "logs:DescribeLogGroups"} {
			all[sample.Call{Action: action, Account: id, Region: homeRegion}] = 1
		}
		for _, region := range regions {
			all[sample.Call{Action: "cloudtrail:DescribeTrails", Account: id, Region: region}] = 1
		}
	}
	return all
}
