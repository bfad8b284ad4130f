package loggroup

import (
	"fmt"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws/arn"

	"github.com/ctcw/steampipe-plugin-ctcw/ctcw/aws/awserr"
)

// Ref is what the ARN of a CloudWatch Logs log group says.
type Ref struct {
	Name      string
	Region    string
	AccountID string
}

// ParseARN reads the ARN of a log group in any partition, with or without the ":*" at its end.
// A log group's name holds no colon ([\.\-_/#A-Za-z0-9]+), so the name ends at the first one.
func ParseARN(s string) (Ref, error) {
	a, err := arn.Parse(s)
	if err != nil {
		return Ref{}, awserr.InvalidResponse(fmt.Sprintf("%q is not an ARN", s))
	}
	rest, ok := strings.CutPrefix(a.Resource, "log-group:")
	name, _, _ := strings.Cut(rest, ":")
	if !ok || a.Service != "logs" || name == "" || a.Region == "" || a.AccountID == "" {
		return Ref{}, awserr.InvalidResponse(fmt.Sprintf("%q is not the ARN of a log group", s))
	}
	return Ref{Name: name, Region: a.Region, AccountID: a.AccountID}, nil
}
