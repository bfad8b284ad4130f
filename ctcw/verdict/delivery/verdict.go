// Package delivery decides what one row of cloudtrail_cloudwatch_status says.
//
// It is pure: facts in, verdict out, no clock, no network. The rule is the truth table of the
// design: the first line that fits wins.
package delivery

import "time"

// Status is the value of the column delivery_status.
type Status string

// The delivery statuses, in the order in which they are decided.
const (
	// Unknown: no region of the account could be listed, or a log group is configured and
	// GetTrailStatus failed, or dates the latest delivery in the future.
	Unknown Status = "unknown"
	// NoTrail: at least one region was listed and no trail is visible.
	NoTrail Status = "no_trail"
	// NotConfigured: the trail has no CloudWatch Logs log group.
	NotConfigured Status = "not_configured"
	// LoggingStopped: the trail is not logging.
	LoggingStopped Status = "logging_stopped"
	// LogGroupMissing: the configured log group does not exist.
	LogGroupMissing Status = "log_group_missing"
	// NeverDelivered: CloudTrail never delivered to CloudWatch Logs.
	NeverDelivered Status = "never_delivered"
	// Stale: the latest delivery to CloudWatch Logs is older than [MaxDeliveryAge].
	Stale Status = "stale"
	// Degraded: the latest delivery is fresh, but CloudTrail reports a delivery error.
	Degraded Status = "degraded"
	// Delivering: none of the above.
	Delivering Status = "delivering"
)

// Statuses lists every status in the order in which they are decided.
var Statuses = []Status{
	Unknown, NoTrail, NotConfigured, LoggingStopped, LogGroupMissing,
	NeverDelivered, Stale, Degraded, Delivering,
}

// MaxDeliveryAge is how old the latest delivery to CloudWatch Logs may be: the CIS audit asks for
// a "recent (~one day old)" LatestCloudWatchLogsDeliveryTime.
const MaxDeliveryAge = 24 * time.Hour

// MaxClockSkew is how far a delivery may lie ahead of the time of the check. CloudTrail's clock and that of the answer
// are both AWS's; one that is further ahead is no time of a delivery.
const MaxClockSkew = 15 * time.Minute

// LogGroupStatus is the value of the column log_group_status; empty when no log group is configured.
type LogGroupStatus string

// The log group statuses.
const (
	// LogGroupFound: DescribeLogGroups returned the group.
	LogGroupFound LogGroupStatus = "found"
	// LogGroupNotFound: DescribeLogGroups answered, and the group is not there.
	LogGroupNotFound LogGroupStatus = "not_found"
	// LogGroupOtherAccount: the group belongs to an account that this connection cannot ask.
	LogGroupOtherAccount LogGroupStatus = "other_account"
	// LogGroupUnknown: DescribeLogGroups failed, or the group's ARN cannot be read.
	LogGroupUnknown LogGroupStatus = "unknown"
)

// Trail holds the facts of DescribeTrails that matter to the verdict. Empty strings mean absent.
type Trail struct {
	ARN            string
	Name           string
	HomeRegion     string
	OwnerAccountID string // account in the trail's ARN
	LogGroupARN    string // as AWS returns it, ending in ":*"
	LogGroupName   string // parsed from LogGroupARN
	LogGroupRegion string // parsed from LogGroupARN
	RoleARN        string // the role CloudTrail assumes to write to the log group
}

// TrailStatus holds the facts of GetTrailStatus that matter to the verdict. Zero times mean absent.
type TrailStatus struct {
	Logging              bool
	StopLogging          time.Time
	LatestCloudWatchLogs time.Time
	CloudWatchLogsError  string
	LatestS3Delivery     time.Time
}

// Facts is everything a verdict is made of.
type Facts struct {
	AccountID string    // account that was asked
	Partition string    // e.g. aws, aws-cn, aws-us-gov
	CheckedAt time.Time // when AWS was asked

	Listed    int               // regions that answered DescribeTrails
	Unscanned map[string]string // region → error code, regions that did not
	ScanError string            // why, code and message

	Trail *Trail // nil: a row about the account itself
	// Sought is set when the query names trails and none of them is visible, while some region could
	// not be listed: that they are absent is not known then.
	Sought bool

	Status      *TrailStatus // nil when GetTrailStatus failed
	StatusError string       // why, code and message
	// SaidBy is the region whose answers these are, where the trail's home region did not give its own.
	SaidBy string

	LogGroup      LogGroupStatus
	LogGroupError string // why it is unknown, code and message
}

// Verdict is what the columns delivery_status, status_reason and remediation show.
type Verdict struct {
	Status Status
	// Reason is one plain sentence naming the cause; never empty.
	Reason string
	// Remediation is a shell command that mends the cause; empty when there is nothing to do, or
	// nothing that this account can do.
	Remediation string
}

// Of returns the verdict on the facts.
func Of(f Facts) Verdict {
	s := status(f)
	return Verdict{Status: s, Reason: reason(f, s), Remediation: remediation(f, s)}
}

func status(f Facts) Status {
	t := f.Trail
	switch {
	case t == nil && (f.Listed == 0 || f.Sought):
		return Unknown
	case t == nil:
		return NoTrail
	case t.LogGroupARN == "":
		return NotConfigured
	case f.Status == nil:
		return Unknown
	case !f.Status.Logging:
		return LoggingStopped
	case f.LogGroup == LogGroupNotFound:
		return LogGroupMissing
	case f.Status.LatestCloudWatchLogs.IsZero():
		return NeverDelivered
	case f.age() < -MaxClockSkew:
		return Unknown
	case f.age() > MaxDeliveryAge:
		return Stale
	case f.Status.CloudWatchLogsError != "":
		return Degraded
	default:
		return Delivering
	}
}

// age is how long before the check CloudTrail last delivered to CloudWatch Logs; negative when the
// two clocks disagree, which counts as fresh up to [MaxClockSkew].
func (f Facts) age() time.Duration {
	return f.CheckedAt.Sub(f.Status.LatestCloudWatchLogs)
}

// foreign reports whether the trail is owned by another account than the one asked, as an
// organization trail is in every member account: only its owner can mend it.
func (f Facts) foreign() bool {
	return f.Trail != nil && f.Trail.OwnerAccountID != "" && f.Trail.OwnerAccountID != f.AccountID
}
