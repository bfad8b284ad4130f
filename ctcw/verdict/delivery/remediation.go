package delivery

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/ctcw/steampipe-plugin-ctcw/ctcw/verdict/shell"
)

// DefaultRoleName is the role that a remediation names where the trail has none yet. It is the name
// that the CloudTrail console proposes.
const DefaultRoleName = "CloudTrail_CloudWatchLogs_Role"

// remediation returns the commands that mend the cause, for a POSIX shell. They do nothing in another account than the
// one they are meant for, and running them again changes nothing.
func remediation(f Facts, s Status) string {
	if f.foreign() {
		return ""
	}
	switch s {
	case NoTrail:
		return createTrail(f)
	case NotConfigured:
		region := f.Trail.HomeRegion
		create, arn := newLogGroup(f, f.Trail.Name, region)
		return shell.In(f.AccountID, region, create, updateTrail(f, arn))
	case LoggingStopped:
		return shell.In(f.AccountID, f.Trail.HomeRegion, startLogging(f.Trail.ARN, f.Trail.HomeRegion))
	case LogGroupMissing:
		// Its ARN says whose it is, which need not be the trail's account.
		return CreateLogGroup(accountOf(f.Trail.LogGroupARN, f.AccountID), f.Trail.LogGroupName, f.Trail.LogGroupRegion)
	case NeverDelivered, Stale, Degraded:
		// Setting the same values again makes CloudTrail check the group and the role, and say what is wrong.
		return shell.In(f.AccountID, f.Trail.HomeRegion, updateTrail(f, f.Trail.LogGroupARN))
	default:
		return ""
	}
}

// createTrail makes a trail into a bucket that the reader names. Whoever first registers a name that anyone can guess
// would be sent every event.
func createTrail(f Facts) string {
	const name = "management-events"
	region := mainRegion(f.Partition)
	create, arn := newLogGroup(f, name, region)
	trail := shell.Command("cloudtrail", "create-trail", shell.Option("name", name), `--s3-bucket-name="$BUCKET"`,
		"--is-multi-region-trail", "--enable-log-file-validation", shell.Option("region", region),
		shell.Option("cloud-watch-logs-log-group-arn", arn), shell.Option("cloud-watch-logs-role-arn", defaultRole(f)))
	return `: "${BUCKET:?set BUCKET to the name of a bucket of yours that CloudTrail may write to}" && ` +
		shell.In(f.AccountID, region, create, shell.Tolerating("TrailAlreadyExistsException", trail), startLogging(name, region))
}

// newLogGroup returns the command that makes the log group of a trail, and the group's ARN.
func newLogGroup(f Facts, trail, region string) (create, arn string) {
	name := fmt.Sprintf("aws-cloudtrail-logs-%s-%s", f.AccountID, trail)
	return makeLogGroup(name, region), fmt.Sprintf("arn:%s:logs:%s:%s:log-group:%s:*", f.Partition, region, f.AccountID, name)
}

func defaultRole(f Facts) string {
	return fmt.Sprintf("arn:%s:iam::%s:role/%s", f.Partition, f.AccountID, DefaultRoleName)
}

// CreateLogGroup makes a log group in its account, as makeLogGroup does.
func CreateLogGroup(account, name, region string) string {
	return shell.In(account, region, makeLogGroup(name, region))
}

// makeLogGroup makes a log group that is kept for a year, as CIS advises: a new one never expires. One that is there
// keeps its retention, as a shorter one would delete events.
func makeLogGroup(name, region string) string {
	return shell.Tolerating("ResourceAlreadyExistsException",
		shell.Command("logs", "create-log-group", shell.Option("log-group-name", name), shell.Option("region", region)),
		keepLogGroup(name, region, 365))
}

// retentions are the numbers of days that CloudWatch Logs takes.
var retentions = []int{1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653}

// KeepLogGroup has a log group keep its events for so many days at least, for ever where CloudWatch Logs takes no such
// number, in its account.
func KeepLogGroup(account, name, region string, days float64) string {
	return shell.In(account, region, keepLogGroup(name, region, days))
}

func keepLogGroup(name, region string, days float64) string {
	group, of := shell.Option("log-group-name", name), shell.Option("region", region)
	for _, n := range retentions {
		if float64(n) >= days {
			return shell.Command("logs", "put-retention-policy", group, shell.Option("retention-in-days", strconv.Itoa(n)), of)
		}
	}
	return shell.Command("logs", "delete-retention-policy", group, of)
}

func updateTrail(f Facts, logGroupARN string) string {
	role := f.Trail.RoleARN
	if role == "" {
		role = defaultRole(f)
	}
	return shell.Command("cloudtrail", "update-trail", shell.Option("name", f.Trail.ARN), shell.Option("region", f.Trail.HomeRegion),
		shell.Option("cloud-watch-logs-log-group-arn", logGroupARN), shell.Option("cloud-watch-logs-role-arn", role))
}

func startLogging(trail, region string) string {
	return shell.Command("cloudtrail", "start-logging", shell.Option("name", trail), shell.Option("region", region))
}

// accountOf returns the account in an ARN, or the other one where it has none.
func accountOf(arn, other string) string {
	if parts := strings.SplitN(arn, ":", 6); len(parts) == 6 && parts[4] != "" {
		return parts[4]
	}
	return other
}

// mainRegion is where a trail of all regions is made. Regions of one partition are unknown to the others.
func mainRegion(partition string) string {
	if region, ok := mainRegions[partition]; ok {
		return region
	}
	return "us-east-1"
}

var mainRegions = map[string]string{
	"aws-us-gov": "us-gov-west-1",
	"aws-cn":     "cn-north-1",
	"aws-eusc":   "eusc-de-east-1",
	"aws-iso":    "us-iso-east-1",
	"aws-iso-b":  "us-isob-east-1",
	"aws-iso-e":  "eu-isoe-west-1",
	"aws-iso-f":  "us-isof-south-1",
}
