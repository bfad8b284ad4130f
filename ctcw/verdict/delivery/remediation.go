package delivery

import (
	"fmt"
	"strconv"
	"strings"
)

// DefaultRoleName is the role that a remediation names where the trail has none yet. It is the name
// that the CloudTrail console proposes.
const DefaultRoleName = "CloudTrail_CloudWatchLogs_Role"

// remediation returns the AWS CLI command that mends the cause, every value quoted for a POSIX shell.
func remediation(f Facts, s Status) string {
	if f.foreign() {
		return ""
	}
	switch s {
	case NoTrail:
		return createTrail(f)
	case NotConfigured:
		return configureLogGroup(f)
	case LoggingStopped:
		return command("cloudtrail", "start-logging", "--name", f.Trail.ARN, "--region", f.Trail.HomeRegion)
	case LogGroupMissing:
		return CreateLogGroup(f.Trail.LogGroupName, f.Trail.LogGroupRegion)
	case NeverDelivered, Stale, Degraded:
		// Setting the same values again makes CloudTrail check the group and the role, and say what is wrong.
		return updateTrail(f, f.Trail.LogGroupARN)
	default:
		return ""
	}
}

func createTrail(f Facts) string {
	const name = "management-events"
	region := mainRegion(f.Partition)
	create, arn := newLogGroup(f, name, region)
	return create +
		" && " + command("cloudtrail", "create-trail", "--name", name,
		"--s3-bucket-name", "aws-cloudtrail-logs-"+f.AccountID,
		"--is-multi-region-trail", "--enable-log-file-validation", "--region", region,
		"--cloud-watch-logs-log-group-arn", arn, "--cloud-watch-logs-role-arn", defaultRole(f)) +
		" && " + command("cloudtrail", "start-logging", "--name", name, "--region", region)
}

func configureLogGroup(f Facts) string {
	create, arn := newLogGroup(f, f.Trail.Name, f.Trail.HomeRegion)
	return create + " && " + updateTrail(f, arn)
}

// newLogGroup returns the command that makes the log group of a trail, and the group's ARN.
func newLogGroup(f Facts, trail, region string) (create, arn string) {
	name := fmt.Sprintf("aws-cloudtrail-logs-%s-%s", f.AccountID, trail)
	return CreateLogGroup(name, region), fmt.Sprintf("arn:%s:logs:%s:%s:log-group:%s:*", f.Partition, region, f.AccountID, name)
}

func defaultRole(f Facts) string {
	return fmt.Sprintf("arn:%s:iam::%s:role/%s", f.Partition, f.AccountID, DefaultRoleName)
}

// CreateLogGroup makes a log group that is kept for a year, as CIS advises: a new one never expires.
func CreateLogGroup(name, region string) string {
	return command("logs", "create-log-group", "--log-group-name", name, "--region", region) +
		" && " + KeepLogGroup(name, region, 365)
}

// retentions are the numbers of days that CloudWatch Logs takes.
var retentions = []int{1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653}

// KeepLogGroup has a log group keep its events for so many days at least, for ever where CloudWatch Logs takes no such
// number.
func KeepLogGroup(name, region string, days float64) string {
	for _, n := range retentions {
		if float64(n) >= days {
			return command("logs", "put-retention-policy", "--log-group-name", name, "--retention-in-days", strconv.Itoa(n), "--region", region)
		}
	}
	return command("logs", "delete-retention-policy", "--log-group-name", name, "--region", region)
}

func updateTrail(f Facts, logGroupARN string) string {
	role := f.Trail.RoleARN
	if role == "" {
		role = defaultRole(f)
	}
	return command("cloudtrail", "update-trail", "--name", f.Trail.ARN, "--region", f.Trail.HomeRegion,
		"--cloud-watch-logs-log-group-arn", logGroupARN, "--cloud-watch-logs-role-arn", role)
}

func mainRegion(partition string) string {
	switch partition {
	case "aws-us-gov":
		return "us-gov-west-1"
	case "aws-cn":
		return "cn-north-1"
	default:
		return "us-east-1"
	}
}

func command(args ...string) string {
	words := make([]string, 0, len(args)+1)
	words = append(words, "aws")
	for _, a := range args {
		words = append(words, quote(a))
	}
	return strings.Join(words, " ")
}

// quote makes a POSIX shell take s as one word: names and ARNs come from AWS, and the ":*" at the
// end of a log group's ARN would otherwise be a file pattern.
func quote(s string) string {
	const plain = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_./:=@%+,"
	if s != "" && strings.Trim(s, plain) == "" {
		return s
	}
	return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'"
}
