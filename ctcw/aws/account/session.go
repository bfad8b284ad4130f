package account

import (
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
)

// Session is one AWS account, reached with credentials for it. Its regional clients are made from one
// configuration, so they share credentials and HTTP connections.
type Session struct {
	AccountID string
	Partition string // e.g. aws, aws-cn, aws-us-gov
	CallerARN string // of the connection's own credentials; empty for a member account

	regions []Region
	leftOut []string
	fresh   time.Time // until when the regions are believed
	config  aws.Config
}

func newSession(config aws.Config, limits *limits, accountID, partition string) *Session {
	return &Session{AccountID: accountID, Partition: partition, config: limits.apply(config)}
}

// Regions returns the regions to scan, sorted by name.
func (s *Session) Regions() []Region { return s.regions }

// LeftOut returns the enabled regions that the connection does not scan.
func (s *Session) LeftOut() []string { return s.leftOut }

// Regional gives the configuration for calls in a region. A [Session] does.
type Regional interface {
	In(region string) aws.Config
}

// In implements [Regional].
func (s *Session) In(region string) aws.Config {
	config := s.config.Copy()
	config.Region = region
	return config
}
