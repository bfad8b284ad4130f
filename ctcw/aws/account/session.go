package account

import (
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudtrail"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"

	"github.com/ctcw/steampipe-plugin-ctcw/ctcw/aws/trail"
)

// Session is one AWS account, reached with credentials for it. It makes regional clients from one
// configuration, so they share credentials and HTTP connections.
type Session struct {
	AccountID string
	Partition string // e.g. aws, aws-cn, aws-us-gov

	regions []trail.Region
	leftOut []string
	fresh   time.Time // until when the regions are believed
	config  aws.Config
}

var _ trail.Clients = (*Session)(nil)

func newSession(config aws.Config, limits *limits, accountID, partition string) *Session {
	return &Session{AccountID: accountID, Partition: partition, config: limits.apply(config)}
}

// Regions returns the regions to scan, sorted by name.
func (s *Session) Regions() []trail.Region { return s.regions }

// LeftOut returns the enabled regions that the connection does not scan.
func (s *Session) LeftOut() []string { return s.leftOut }

// CloudTrail returns a CloudTrail client for a region.
func (s *Session) CloudTrail(region string) trail.CloudTrailAPI {
	return cloudtrail.NewFromConfig(s.config, func(o *cloudtrail.Options) { o.Region = region })
}

// Logs returns a CloudWatch Logs client for a region.
func (s *Session) Logs(region string) trail.LogsAPI {
	return cloudwatchlogs.NewFromConfig(s.config, func(o *cloudwatchlogs.Options) { o.Region = region })
}
