// Package loggroup asks CloudWatch Logs about the log groups that trails deliver to.
package loggroup

import (
	"context"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs/types"

	"github.com/ctcw/steampipe-plugin-ctcw/ctcw/aws/account"
	"github.com/ctcw/steampipe-plugin-ctcw/ctcw/aws/awserr"
	"github.com/ctcw/steampipe-plugin-ctcw/ctcw/aws/page"
)

// Group is a log group as DescribeLogGroups shows it.
type Group struct {
	// RetentionInDays is nil when events never expire. AWS returns the retention in force, be it the
	// group's own or that of an account-level policy.
	RetentionInDays   *int64
	Class             string
	CreationTime      *time.Time
	KMSKeyID          string
	StoredBytes       *int64
	MetricFilterCount *int64
}

// Get returns the log group of exactly that name in that account and region; nil when there
// is none. Results come sorted by ASCII, so the exact name is first of all that begin like it; but a page may be
// empty and not the last.
func Get(ctx context.Context, of account.Regional, ref Ref) (*Group, error) {
	client := cloudwatchlogs.NewFromConfig(of.In(ref.Region))
	var group *Group
	err := page.Each("DescribeLogGroups", func(token *string) (*string, error) {
		out, err := client.DescribeLogGroups(ctx, &cloudwatchlogs.DescribeLogGroupsInput{LogGroupNamePrefix: &ref.Name, NextToken: token})
		if err != nil {
			return nil, err
		}
		if out.LogGroups == nil {
			return nil, awserr.InvalidResponse("DescribeLogGroups returned no list of log groups, not even an empty one")
		}
		if group, err = find(out.LogGroups, ref.Name); group != nil || err != nil {
			return nil, err
		}
		return out.NextToken, nil
	})
	return group, err
}

func find(groups []types.LogGroup, name string) (*Group, error) {
	for _, g := range groups {
		switch aws.ToString(g.LogGroupName) {
		case name:
			return newGroup(g), nil
		case "":
			return nil, awserr.InvalidResponse("DescribeLogGroups returned a log group without a name")
		}
	}
	return nil, nil
}

func newGroup(g types.LogGroup) *Group {
	group := &Group{
		Class:       string(g.LogGroupClass),
		KMSKeyID:    aws.ToString(g.KmsKeyId),
		StoredBytes: g.StoredBytes,
	}
	if g.RetentionInDays != nil {
		group.RetentionInDays = aws.Int64(int64(*g.RetentionInDays))
	}
	if g.MetricFilterCount != nil {
		group.MetricFilterCount = aws.Int64(int64(*g.MetricFilterCount))
	}
	if g.CreationTime != nil {
		group.CreationTime = aws.Time(time.UnixMilli(*g.CreationTime).UTC())
	}
	return group
}
