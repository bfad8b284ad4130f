package trail

import (
	"fmt"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws/arn"

	"github.com/ctcw/steampipe-plugin-ctcw/ctcw/aws/awserr"
)

// LogGroupRef is what the ARN of a CloudWatch Logs log group says.
type LogGroupRef struct {
	Name      string
	Region    string
	AccountID string
}

// ParseLogGroupARN reads the ARN of a log group in any partition, with or without the ":*" at its end.
// A log group's name holds no colon ([\.\-_/#A-Za-z0-9]+), so the name ends at the first one.
func ParseLogGroupARN(s string) (LogGroupRef, error) {
	a, err := arn.Parse(s)
	if err != nil {
		return LogGroupRef{}, awserr.InvalidResponse(fmt.Sprintf("%q is not an ARN", s))
	}
	rest, ok := strings.CutPrefix(a.Resource, "log-group:")
	name, _, _ := strings.Cut(rest, ":")
	if !ok || a.Service != "logs" || name == "" || a.Region == "" || a.AccountID == "" {
		return LogGroupRef{}, awserr.InvalidResponse(fmt.Sprintf("%q is not the ARN of a log group", s))
	}
	return LogGroupRef{Name: name, Region: a.Region, AccountID: a.AccountID}, nil
}

// RegionOf returns the region in a trail's ARN, which is its home region; empty when s is no trail's ARN.
func RegionOf(s string) string {
	a, err := arn.Parse(s)
	if err != nil || a.Service != "cloudtrail" {
		return ""
	}
	return a.Region
}

// ownerOf returns the account in a trail's ARN; empty when s is no ARN.
func ownerOf(s string) string {
	a, err := arn.Parse(s)
	if err != nil {
		return ""
	}
	return a.AccountID
}
