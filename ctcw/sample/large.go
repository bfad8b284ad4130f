package sample

import (
	"fmt"
	"time"
)

// Large is an organization for benchmarks, in which everything is in order. Every account has the 17 regions that are enabled by
// default and that many multi-region trails, each delivering to a log group of its own that is kept for 365 days. The first
// account manages the others, and there is no organization trail.
func Large(accounts, trailsPerAccount int, now time.Time) *Organization {
	org := &Organization{ID: "o-largesample", Accounts: make([]*Account, accounts)}
	for i := range org.Accounts {
		org.Accounts[i] = largeAccount(org, i, trailsPerAccount, now)
	}
	if accounts > 0 {
		org.Management = org.Accounts[0].ID
	}
	return org
}

// largeHome is the region in which the trails and log groups of a large organization are.
const largeHome = "us-east-1"

// LargeOrganizationTrail is an organization for benchmarks too. Its accounts have no trail of their own: an organization trail of
// the first account delivers the events of all of them to one log group there, in two streams for each account, and someone is
// told of each class of events (see Monitor).
func LargeOrganizationTrail(accounts int, now time.Time) *Organization {
	org := Large(accounts, 0, now)
	if accounts == 0 {
		return org
	}
	first := org.Accounts[0]
	addLargeTrail(org, first, "organization", now)
	trail, group := first.Trails[0], first.LogGroups[0]
	trail.Organization = true
	org.Monitor(first, group, now)
	ids := make([]string, len(org.Accounts))
	for i, a := range org.Accounts {
		ids[i] = a.ID
	}
	// CloudTrail numbers the streams of an account from the second on.
	for number := 1; number <= 2; number++ {
		streams := org.Arrive(trail, group, now, ids, []string{largeHome})
		for i := range streams {
			streams[i].Name = org.StreamName(trail, ids[i], largeHome, number)
		}
	}
	return org
}

func largeAccount(org *Organization, number, trails int, now time.Time) *Account {
	a := &Account{
		ID:     fmt.Sprintf("1%011d", number+1),
		Name:   fmt.Sprintf("account-%04d", number+1),
		Joined: now.AddDate(-1, 0, 0),
		Roles:  []Role{{Name: "OrganizationAccountAccessRole"}, {Name: "ctcw-audit"}},
	}
	for i := range trails {
		addLargeTrail(org, a, fmt.Sprintf("trail-%d", i+1), now)
	}
	return a
}

// addLargeTrail adds a trail that delivers to a log group of its own.
func addLargeTrail(org *Organization, a *Account, name string, now time.Time) {
	a.LogGroups = append(a.LogGroups, &LogGroup{
		Name:            "cloudtrail/" + name,
		Region:          largeHome,
		RetentionInDays: 365,
		Created:         now.AddDate(-1, 0, 0),
		StoredBytes:     1 << 30,
	})
	a.Trails = append(a.Trails, &Trail{
		Name:                       name,
		HomeRegion:                 largeHome,
		MultiRegion:                true,
		S3BucketName:               "cloudtrail-" + a.ID,
		CloudWatchLogsLogGroupARN:  org.LogGroupARN(a.ID, largeHome, "cloudtrail/"+name),
		CloudWatchLogsRoleARN:      org.RoleARN(a.ID, "CloudTrail_CloudWatchLogs"),
		IncludeGlobalServiceEvents: true,
		LogFileValidation:          true,
		Status:                     Healthy(now),
	})
}
