// Package trail asks CloudTrail about one account's trails: which there are and what state they are in. It
// knows AWS's answers, not the plugin.
package trail

import (
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudtrail/types"
)

// Trail is a trail as DescribeTrails shows it. A string that AWS leaves out and one that it returns
// as "" mean the same, and are both "".
type Trail struct {
	ARN                        string
	Name                       string
	HomeRegion                 string
	OwnerAccountID             string // account in the ARN: an organization trail is owned elsewhere
	LogGroupARN                string // ends in ":*"
	CloudWatchLogsRoleARN      string
	S3BucketName               string
	S3KeyPrefix                string
	SNSTopicARN                string
	KMSKeyID                   string
	IsMultiRegion              *bool
	IsOrganization             *bool
	IncludeGlobalServiceEvents *bool
	LogFileValidationEnabled   *bool
	HasCustomEventSelectors    *bool
	HasInsightSelectors        *bool

	// SeenIn are the regions that showed the trail, sorted: its home region and, for a shadow trail, others. It is nil in
	// what one region shows: all 17 say the same of most trails, and need not each be kept.
	SeenIn []string
}

func newTrail(t types.Trail) Trail {
	arn := aws.ToString(t.TrailARN)
	home := aws.ToString(t.HomeRegion)
	if home == "" {
		home = RegionOf(arn)
	}
	return Trail{
		ARN:                        arn,
		Name:                       aws.ToString(t.Name),
		HomeRegion:                 home,
		OwnerAccountID:             OwnerOf(arn),
		LogGroupARN:                aws.ToString(t.CloudWatchLogsLogGroupArn),
		CloudWatchLogsRoleARN:      aws.ToString(t.CloudWatchLogsRoleArn),
		S3BucketName:               aws.ToString(t.S3BucketName),
		S3KeyPrefix:                aws.ToString(t.S3KeyPrefix),
		SNSTopicARN:                aws.ToString(t.SnsTopicARN),
		KMSKeyID:                   aws.ToString(t.KmsKeyId),
		IsMultiRegion:              t.IsMultiRegionTrail,
		IsOrganization:             t.IsOrganizationTrail,
		IncludeGlobalServiceEvents: t.IncludeGlobalServiceEvents,
		LogFileValidationEnabled:   t.LogFileValidationEnabled,
		HasCustomEventSelectors:    t.HasCustomEventSelectors,
		HasInsightSelectors:        t.HasInsightSelectors,
	}
}

// merge makes one trail of two sights of it, each of one region or more. The home region's answer is the authority.
func merge(a, b Trail) Trail {
	if slices.Contains(b.SeenIn, b.HomeRegion) {
		a, b = b, a
	}
	a.SeenIn = slices.Compact(slices.Sorted(slices.Values(slices.Concat(a.SeenIn, b.SeenIn))))
	return a
}
