package mod

import (
	"fmt"
	"time"

	"github.com/ctcw/steampipe-plugin-ctcw/ctcw/verdict/delivery"
)

// example is one row of the table and the verdicts on it. Each is an account of its own, so that results
// are told apart by account_id.
type example struct {
	name string
	want string // strict, CloudTrail.5, healthy, exists, retention, as published; "-" is no row
	row  map[string]any
}

// parts is a row in the making: what the verdict is made of, and the columns that it does not look at.
type parts struct {
	delivery.Facts
	LogGroupAccountID string
	LogGroupError     string
	ExemptReason      string
	RetentionInDays   int // 0: unknown
	NeverExpires      bool
}

const owner = "999988887777"

// examples has every row of the verdict table of the design, by its number, with the variants that "by
// freshness", "by group", "by days" and "or I" stand for, and the boundaries.
func examples() []example {
	const denied = "AccessDeniedException: not authorized"
	var list []example
	add := func(want, name string, changes ...func(*parts)) {
		p := delivering(fmt.Sprintf("%012d", len(list)+1))
		for _, change := range changes {
			change(&p)
		}
		if t := p.Trail; t != nil {
			t.ARN = "arn:aws:cloudtrail:eu-west-1:" + t.OwnerAccountID + ":trail/main"
		}
		list = append(list, example{name: name, want: want, row: p.row()})
	}
	noGroup := func(p *parts) {
		p.Trail.LogGroupARN, p.Trail.LogGroupName, p.Trail.LogGroupRegion = "", "", ""
		p.LogGroupAccountID, p.LogGroup, p.RetentionInDays = "", "", 0
	}
	noTrail := func(p *parts) { noGroup(p); p.Trail, p.Status = nil, nil }
	unreadable := func(p *parts) {
		noTrail(p)
		p.Listed, p.ScanError = 0, "AccessDeniedException: explicit deny in a service control policy"
		p.Unscanned = map[string]string{"eu-west-3": "AccessDeniedException", "us-west-2": "AccessDeniedException"}
	}
	days := func(n int) func(*parts) { return func(p *parts) { p.RetentionInDays = n } }
	age := func(d time.Duration) func(*parts) {
		return func(p *parts) { p.Status.LatestCloudWatchLogs = p.CheckedAt.Add(-d) }
	}
	stale, never := age(72*time.Hour), func(p *parts) { p.Status.LatestCloudWatchLogs = time.Time{} }
	s3Stale := func(p *parts) { p.Status.LatestS3Delivery = p.CheckedAt.Add(-72 * time.Hour) }
	deliveryError := func(p *parts) { p.Status.CloudWatchLogsError = "AccessDenied" }
	stopped := func(p *parts) { p.Status.Logging, p.Status.StopLogging = false, p.CheckedAt.Add(-time.Hour) }
	statusDenied := func(p *parts) { p.Status, p.StatusError = nil, denied }
	group := func(s delivery.LogGroupStatus) func(*parts) {
		return func(p *parts) {
			p.LogGroup = s
			if s != delivery.LogGroupFound {
				p.RetentionInDays = 0
			}
		}
	}
	deleted := group(delivery.LogGroupNotFound)
	elsewhere := func(p *parts) { group(delivery.LogGroupOtherAccount)(p); p.LogGroupAccountID = owner }
	groupsDenied := func(p *parts) { group(delivery.LogGroupUnknown)(p); p.LogGroupError = denied }
	badARN := func(p *parts) {
		groupsDenied(p)
		p.Trail.LogGroupARN, p.Trail.LogGroupName, p.Trail.LogGroupRegion, p.LogGroupAccountID = "nonsense", "", "", ""
	}
	// ofOwner is an organization trail as its members see it; itsGroup its log group, which a connection that
	// reaches the owner too may read.
	itsGroup := func(p *parts) { p.Trail.OwnerAccountID, p.LogGroupAccountID = owner, owner }
	ofOwner := func(p *parts) { itsGroup(p); elsewhere(p) }
	// delegated is the same in the delegated administrator's account, which has the log group.
	delegated := func(p *parts) { p.Trail.OwnerAccountID = owner }
	exempt := func(p *parts) { p.ExemptReason = "goes to the SIEM, see SEC-42" }

	add("A A S S S A", "1", noGroup)
	add("A A S S S A", "2", noGroup) // the plugin makes null of ''
	add("I I S S S A", "2b", delegated, noGroup)
	add("I I S S S A", "2b, GetTrailStatus denied", delegated, noGroup, statusDenied)
	add("I I S S S A", "2b, stopped and stale", delegated, noGroup, stopped, s3Stale)
	add("O O O O O O", "3")
	add("A O A O O O", "4", never)
	add("A O A O A O", "4, short retention", never, days(90))
	add("A O A O O O", "5", stale)
	add("A O A O A O", "5, short retention", stale, days(90))
	add("A O A O O A", "6", stale, s3Stale)
	add("A O A O A A", "6, short retention", stale, s3Stale, days(90))
	add("O O A O O O", "7", deliveryError)
	add("O O A O A O", "7, short retention", deliveryError, days(90))
	add("A O A O O O", "8", stopped)
	add("A O A O A O", "8, short retention", stopped, days(90))
	add("A O A A S O", "9", deleted, stale)
	add("A O A A S O", "9, last delivery fresh", deleted)
	add("O O O I I O", "10", elsewhere)
	add("A O A I I O", "10, stale", elsewhere, stale)
	add("O O O I I A", "10, S3 stale", elsewhere, s3Stale)
	add("O O O E E O", "11", groupsDenied)
	add("A O A E E O", "11, stale", groupsDenied, stale)
	add("O O O E E A", "11, S3 stale", groupsDenied, s3Stale)
	add("E O E O O A", "12", statusDenied)
	add("E O E O A A", "12, short retention", statusDenied, days(90))
	add("E O E A S A", "12, log group deleted", statusDenied, deleted)
	add("E O E I I A", "12, log group elsewhere", statusDenied, elsewhere)
	add("E O E E E A", "12, DescribeLogGroups denied too", statusDenied, groupsDenied)
	add("A A S S S A", "13", noGroup, statusDenied)
	add("O O O I I O", "14", ofOwner)
	add("O O O I I A", "14, S3 stale", ofOwner, s3Stale)
	add("O O O O O O", "14, the owner's log group is readable", itsGroup)
	add("O O O O I O", "14, the owner's log group is readable, short retention", itsGroup, days(90))
	add("O O O O A O", "14, the log group is this account's, short retention", delegated, days(90))
	add("O O O I I O", "14, the log group is this account's, DescribeLogGroups denied", delegated, groupsDenied)
	add("O O I I I O", "14, delivery error", ofOwner, deliveryError)
	add("I O I I I O", "15", ofOwner, stale)
	add("I O I I I A", "15, S3 stale", ofOwner, stale, s3Stale)
	add("I O I I I O", "15, never delivered", ofOwner, never)
	add("I O I I I O", "15, stopped", ofOwner, stopped)
	add("I O I I I O", "15, the owner's log group is readable", itsGroup, stale)
	add("I O I I I O", "15, the log group is this account's, deleted", delegated, deleted)
	add("I O I I I A", "16", ofOwner, statusDenied)
	add("I O I I I A", "16, the owner's log group is readable", itsGroup, statusDenied)
	add("A A A S S -", "17", noTrail)
	add("A A A S S -", "17, a region not scanned", noTrail, func(p *parts) {
		p.ScanError, p.Unscanned = denied+" (in us-west-2)", map[string]string{"us-west-2": "AccessDeniedException"}
	})
	add("E E E E E -", "18", unreadable)
	add("E E E E E -", "18, no error text", unreadable, func(p *parts) { p.Unscanned, p.ScanError = nil, "" })
	add("S S S S S O", "19", exempt)
	add("S S S S S A", "19, no log group", exempt, noGroup)
	add("S S S S S A", "19, GetTrailStatus denied", exempt, statusDenied)
	add("S S S S S O", "19, an organization trail from a member", exempt, ofOwner, stale)
	add("O O O O O O", "20, never expires", days(0), func(p *parts) { p.NeverExpires = true })
	add("O O O O A O", "20, under 365", days(364))
	add("O O O O O O", "20, 365 and over", days(400))

	add("O O O O O O", "23 hours 59 minutes", age(24*time.Hour-time.Minute))
	add("O O O O O O", "24 hours", age(24*time.Hour))
	add("A O A O O O", "24 hours 1 minute", age(24*time.Hour+time.Minute))
	add("O O O O O O", "15 minutes in the future, as the clocks disagree", age(-15*time.Minute))
	add("E O E O O O", "further in the future than clocks disagree", age(-time.Hour))
	add("A O A O O O", "stale, with an error", stale, deliveryError)
	add("A O A A S O", "stopped, and its log group deleted", stopped, deleted)
	add("O O O E E O", "a log group ARN that says nothing", badARN)
	add("O O O O O O", "a region not scanned", func(p *parts) {
		p.ScanError = denied + " (in us-west-2; 2 regions failed)"
		p.Unscanned = map[string]string{"eu-west-3": "AccessDeniedException", "us-west-2": "AuthFailure"}
	})
	return list
}

// delivering is a trail without a fault.
func delivering(account string) parts {
	now := time.Now().UTC().Truncate(time.Second) // the rule as published looks at the clock
	return parts{
		Facts: delivery.Facts{
			AccountID: account,
			Partition: "aws",
			CheckedAt: now,
			Listed:    17,
			Trail: &delivery.Trail{
				ARN:            "arn:aws:cloudtrail:eu-west-1:" + account + ":trail/main",
				Name:           "main",
				HomeRegion:     "eu-west-1",
				OwnerAccountID: account,
				LogGroupARN:    "arn:aws:logs:eu-west-1:" + account + ":log-group:trails:*",
				LogGroupName:   "trails",
				LogGroupRegion: "eu-west-1",
				RoleARN:        "arn:aws:iam::" + account + ":role/to-logs",
			},
			Status: &delivery.TrailStatus{
				Logging:              true,
				LatestCloudWatchLogs: now.Add(-5 * time.Minute),
				LatestS3Delivery:     now.Add(-4 * time.Minute),
			},
			LogGroup: delivery.LogGroupFound,
		},
		LogGroupAccountID: account,
		RetentionInDays:   365,
	}
}

// row is the parts as the plugin would show them.
func (p parts) row() map[string]any {
	v := delivery.Of(p.Facts)
	row := map[string]any{
		"delivery_status":      string(v.Status),
		"status_reason":        v.Reason,
		"remediation":          text(v.Remediation),
		"log_group_account_id": text(p.LogGroupAccountID),
		"log_group_status":     text(string(p.LogGroup)),
		"log_group_error":      text(p.LogGroupError),
		"exempt_reason":        text(p.ExemptReason),
		"trail_status_error":   text(p.StatusError),
		"scan_error":           text(p.ScanError),
		"checked_at":           p.CheckedAt,
		"title":                p.AccountID,
		"partition":            p.Partition,
		"account_id":           p.AccountID,
	}
	if p.Unscanned != nil {
		row["unscanned_regions"] = p.Unscanned
	}
	if t := p.Trail; t != nil {
		row["arn"], row["name"], row["title"] = t.ARN, t.Name, t.Name
		row["home_region"], row["region"] = t.HomeRegion, t.HomeRegion
		row["trail_account_id"] = t.OwnerAccountID
		row["log_group_arn"] = text(t.LogGroupARN)
		row["log_group_name"] = text(t.LogGroupName)
		row["log_group_region"] = text(t.LogGroupRegion)
		row["cloudwatch_logs_role_arn"] = t.RoleARN
	}
	if s := p.Status; s != nil {
		row["is_logging"] = s.Logging
		row["stop_logging_time"] = moment(s.StopLogging)
		row["latest_cloudwatch_logs_delivery_time"] = moment(s.LatestCloudWatchLogs)
		row["latest_cloudwatch_logs_delivery_error"] = text(s.CloudWatchLogsError)
		row["latest_delivery_time"] = moment(s.LatestS3Delivery)
		if !s.LatestCloudWatchLogs.IsZero() {
			row["cloudwatch_logs_delivery_age_hours"] = p.CheckedAt.Sub(s.LatestCloudWatchLogs).Hours()
		}
	}
	if p.LogGroup == delivery.LogGroupFound {
		row["retention_never_expires"] = p.NeverExpires
		if p.RetentionInDays != 0 {
			row["retention_in_days"] = p.RetentionInDays
		}
	}
	return row
}

func text(s string) any {
	if s == "" {
		return nil
	}
	return s
}

func moment(t time.Time) any {
	if t.IsZero() {
		return nil
	}
	return t
}

func (e example) account() string { return e.row["account_id"].(string) }
