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

func largeAccount(org *Organization, number, trails int, now time.Time) *Account {
	const home = "us-east-1"
	a := &Account{
		ID:     fmt.Sprintf("1%011d", number+1),
		Name:   fmt.Sprintf("account-%04d", number+1),
		Joined: now.AddDate(-1, 0, 0),
		Roles:  []Role{{Name: "OrganizationAccountAccessRole"}, {Name: "ctcw-audit"}},
	}
	for i := range trails {
		name := fmt.Sprintf("trail-%d", i+1)
		a.LogGroups = append(a.LogGroups, &LogGroup{
			Name:            "cloudtrail/" + name,
			Region:          home,
			RetentionInDays: 365,
			Created:         now.AddDate(-1, 0, 0),
			StoredBytes:     1 << 30,
		})
		a.Trails = append(a.Trails, &Trail{
			Name:                       name,
			HomeRegion:                 home,
			MultiRegion:                true,
			S3BucketName:               "cloudtrail-" + a.ID,
			CloudWatchLogsLogGroupARN:  org.LogGroupARN(a.ID, home, "cloudtrail/"+name),
			CloudWatchLogsRoleARN:      org.RoleARN(a.ID, "CloudTrail_CloudWatchLogs"),
			IncludeGlobalServiceEvents: true,
			LogFileValidation:          true,
			Status:                     Healthy(now),
		})
	}
	return a
}
