package delivery_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/ctcw/steampipe-plugin-ctcw/ctcw/verdict/delivery"
)

var now = time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)

const (
	account  = "111122223333"
	owner    = "999988887777"
	groupARN = "arn:aws:logs:eu-west-1:111122223333:log-group:aws-cloudtrail-logs:*"
)

// delivering is a trail without a fault; each case takes one thing away.
func delivering() delivery.Facts {
	return delivery.Facts{
		AccountID: account,
		Partition: "aws",
		CheckedAt: now,
		Listed:    17,
		Trail: &delivery.Trail{
			ARN:            "arn:aws:cloudtrail:eu-west-1:111122223333:trail/main",
			Name:           "main",
			HomeRegion:     "eu-west-1",
			OwnerAccountID: account,
			LogGroupARN:    groupARN,
			LogGroupName:   "aws-cloudtrail-logs",
			LogGroupRegion: "eu-west-1",
			RoleARN:        "arn:aws:iam::111122223333:role/to-logs",
		},
		Status: &delivery.TrailStatus{
			Logging:              true,
			LatestCloudWatchLogs: now.Add(-5 * time.Minute),
			LatestS3Delivery:     now.Add(-4 * time.Minute),
		},
		LogGroup: delivery.LogGroupFound,
	}
}

func TestTruthTable(t *testing.T) {
	cases := []struct {
		name   string
		change func(*delivery.Facts)
		want   delivery.Status
		reason string
	}{
		{"row 1: no log group", func(f *delivery.Facts) { noGroup(f) }, delivery.NotConfigured, "No CloudWatch Logs log group"},
		{"row 2: log group ''", func(f *delivery.Facts) { noGroup(f) }, delivery.NotConfigured, "No CloudWatch Logs log group"},
		{"row 3: fresh, 365 days", func(*delivery.Facts) {}, delivery.Delivering, "delivered to CloudWatch Logs at 2026-11-21T11:55:00Z"},
		{"row 4: never delivered to CloudWatch, S3 fresh", func(f *delivery.Facts) {
			f.Status.LatestCloudWatchLogs = time.Time{}
		}, delivery.NeverDelivered, "delivery to S3 goes on"},
		{"row 5: CloudWatch stale, S3 fresh", func(f *delivery.Facts) {
			f.Status.LatestCloudWatchLogs = now.Add(-72 * time.Hour)
		}, delivery.Stale, "3 days ago; delivery to S3 goes on"},
		{"row 6: both stale", func(f *delivery.Facts) {
			f.Status.LatestCloudWatchLogs = now.Add(-72 * time.Hour)
			f.Status.LatestS3Delivery = now.Add(-72 * time.Hour)
		}, delivery.Stale, "delivery to S3 has stopped too"},
		{"row 7: fresh, delivery error set", func(f *delivery.Facts) {
			f.Status.CloudWatchLogsError = "AccessDenied"
		}, delivery.Degraded, "reports AccessDenied."},
		{"row 8: logging stopped, last delivery fresh", func(f *delivery.Facts) {
			f.Status.Logging = false
			f.Status.StopLogging = now.Add(-time.Hour)
		}, delivery.LoggingStopped, "stopped at 2026-11-21T11:00:00Z"},
		{"row 9: log group deleted, last delivery fresh", func(f *delivery.Facts) {
			f.LogGroup = delivery.LogGroupNotFound
		}, delivery.LogGroupMissing, "aws-cloudtrail-logs does not exist in region eu-west-1"},
		{"row 10: log group in another account", func(f *delivery.Facts) {
			f.LogGroup = delivery.LogGroupOtherAccount
		}, delivery.Delivering, ""},
		{"row 11: DescribeLogGroups denied", func(f *delivery.Facts) {
			f.LogGroup, f.LogGroupError = delivery.LogGroupUnknown, "AccessDeniedException: no"
		}, delivery.Delivering, "Whether the log group still exists is not known: AccessDeniedException: no."},
		{"row 12: GetTrailStatus denied, log group set", func(f *delivery.Facts) {
			f.Status, f.StatusError = nil, "AccessDeniedException: not authorized"
		}, delivery.Unknown, "GetTrailStatus failed, so delivery cannot be judged: AccessDeniedException"},
		{"row 13: GetTrailStatus denied, no log group", func(f *delivery.Facts) {
			noGroup(f)
			f.Status, f.StatusError = nil, "AccessDeniedException: not authorized"
		}, delivery.NotConfigured, ""},
		{"row 14: organization trail from a member, fresh", func(f *delivery.Facts) {
			f.Trail.OwnerAccountID, f.LogGroup = owner, delivery.LogGroupOtherAccount
		}, delivery.Delivering, ""},
		{"row 15: organization trail from a member, not fresh", func(f *delivery.Facts) {
			f.Trail.OwnerAccountID, f.LogGroup = owner, delivery.LogGroupOtherAccount
			f.Status.LatestCloudWatchLogs = now.Add(-72 * time.Hour)
		}, delivery.Stale, "belongs to account 999988887777; only its owner can mend it."},
		{"row 16: organization trail from a member, not readable", func(f *delivery.Facts) {
			f.Trail.OwnerAccountID, f.LogGroup = owner, delivery.LogGroupOtherAccount
			f.Status, f.StatusError = nil, "TrailNotFoundException"
		}, delivery.Unknown, "belongs to account 999988887777"},
		{"row 17: account without a trail", func(f *delivery.Facts) { noTrail(f) }, delivery.NoTrail, "No trail is visible"},
		{"row 17: account without a trail, a region not scanned", func(f *delivery.Facts) {
			noTrail(f)
			f.Unscanned = map[string]string{"us-west-2": "AccessDeniedException", "eu-west-3": "AccessDeniedException"}
		}, delivery.NoTrail, "Not scanned: eu-west-3, us-west-2."},
		{"row 18: account not readable", func(f *delivery.Facts) {
			noTrail(f)
			f.Listed, f.ScanError = 0, "AccessDeniedException: explicit deny in a service control policy"
		}, delivery.Unknown, "No region of this account could be listed: AccessDeniedException: explicit deny"},
		{"row 18: account not readable, no error text", func(f *delivery.Facts) {
			noTrail(f)
			f.Listed = 0
		}, delivery.Unknown, "No region of this account could be listed."},
		{"row 18: a trail that the query names may be in a region that is not readable", func(f *delivery.Facts) {
			noTrail(f)
			f.Sought, f.ScanError = true, "AccessDeniedException: denied (us-west-2)"
		}, delivery.Unknown, "No such trail is visible, but not every region could be listed: AccessDeniedException"},
		{"boundary: 23 h 59 min", func(f *delivery.Facts) {
			f.Status.LatestCloudWatchLogs = now.Add(-24*time.Hour + time.Minute)
		}, delivery.Delivering, ""},
		{"boundary: 24 h exactly", func(f *delivery.Facts) {
			f.Status.LatestCloudWatchLogs = now.Add(-24 * time.Hour)
		}, delivery.Delivering, ""},
		{"boundary: 24 h 1 min", func(f *delivery.Facts) {
			f.Status.LatestCloudWatchLogs = now.Add(-24*time.Hour - time.Minute)
		}, delivery.Stale, "24 hours ago"},
		{"boundary: a time in the future", func(f *delivery.Facts) {
			f.Status.LatestCloudWatchLogs = now.Add(15*time.Minute + time.Second)
		}, delivery.Unknown, "dates the latest delivery to CloudWatch Logs at 2026-11-21T12:15:01Z, which is yet to come"},
		{"boundary: clocks 15 minutes apart", func(f *delivery.Facts) {
			f.Status.LatestCloudWatchLogs = now.Add(15 * time.Minute)
		}, delivery.Delivering, ""},
		{"boundary: the year 9999", func(f *delivery.Facts) {
			f.Status.LatestCloudWatchLogs = time.Date(9999, 1, 1, 0, 0, 0, 0, time.UTC)
		}, delivery.Unknown, "yet to come"},
		{"boundary: StopLoggingTime beside IsLogging true", func(f *delivery.Facts) {
			f.Status.StopLogging = now.Add(-time.Hour)
		}, delivery.Delivering, ""},
		{"order: stopped wins over a missing log group", func(f *delivery.Facts) {
			f.Status.Logging, f.LogGroup = false, delivery.LogGroupNotFound
		}, delivery.LoggingStopped, "not logging"},
		{"order: a missing log group wins over never delivered", func(f *delivery.Facts) {
			f.Status.LatestCloudWatchLogs, f.LogGroup = time.Time{}, delivery.LogGroupNotFound
		}, delivery.LogGroupMissing, ""},
		{"order: stale wins over a delivery error, which the reason still names", func(f *delivery.Facts) {
			f.Status.LatestCloudWatchLogs = now.Add(-30 * time.Hour)
			f.Status.CloudWatchLogsError = "ResourceNotFound"
		}, delivery.Stale, "(reported error: ResourceNotFound)"},
		{"order: never delivered to anything", func(f *delivery.Facts) {
			f.Status.LatestCloudWatchLogs, f.Status.LatestS3Delivery = time.Time{}, time.Time{}
			f.Status.CloudWatchLogsError = "AccessDenied"
		}, delivery.NeverDelivered, "(reported error: AccessDenied); nothing was delivered to S3 either."},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			f := delivering()
			c.change(&f)
			v := delivery.Of(f)
			assert.Equal(t, c.want, v.Status)
			assert.Contains(t, v.Reason, c.reason)
			assert.NotEmpty(t, v.Reason, "every status has a reason")
			assert.NotContains(t, v.Reason, "\n")
			assert.Contains(t, delivery.Statuses, v.Status)
		})
	}
}

func TestReasonIsOneLineWhateverAWSReturns(t *testing.T) {
	f := delivering()
	f.Status.CloudWatchLogsError = "first line\n\tsecond   line\r\n"
	assert.Equal(t, "CloudTrail delivers to CloudWatch Logs, but reports first line second line.", delivery.Of(f).Reason)
}

func noGroup(f *delivery.Facts) {
	f.Trail.LogGroupARN, f.Trail.LogGroupName, f.Trail.LogGroupRegion, f.LogGroup = "", "", "", ""
}

func noTrail(f *delivery.Facts) {
	f.Trail, f.Status, f.LogGroup = nil, nil, ""
}
