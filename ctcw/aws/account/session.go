package account

import (
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sts"

	"github.com/ctcw/steampipe-plugin-ctcw/ctcw/aws/awserr"
)

// Session is one AWS account, reached with credentials for it. Its regional clients are made from one
// configuration, so they share credentials and HTTP connections.
type Session struct {
	AccountID string
	Partition string // e.g. aws, aws-cn, aws-us-gov
	CallerARN string // of the connection's own credentials; empty for a member account

	regions    []Region
	leftOut    []string
	regionsErr error       // why the regions are not known
	fallback   error       // why the regions are the partition's, not the account's
	fresh      time.Time   // until when the regions are believed
	roles      *sts.Client // of the connection's own credentials: what roles are assumed with

	// What a configuration is made of, for each call anew: kept for each of thousands of accounts it would be most of
	// the memory that they take.
	base        *aws.Config
	credentials aws.CredentialsProvider
	limits      *limits
}

func (c *Connection) newSession(accountID, partition string, credentials aws.CredentialsProvider) *Session {
	return &Session{AccountID: accountID, Partition: partition, base: &c.base, credentials: credentials, limits: c.limits}
}

// Regions returns the regions to scan, sorted by name. An error is that of DescribeRegions: the account may have
// regions that nobody knows of, so that none can be said to be all.
func (s *Session) Regions() ([]Region, error) { return s.regions, s.regionsErr }

// RegionsUnknown returns why Regions are those of the partition that this program knows: the account may not call
// DescribeRegions. It is nil otherwise.
func (s *Session) RegionsUnknown() error { return s.fallback }

// setRegions takes what DescribeRegions answered. Only a denial is made up for by the partition's own list, and
// only what is certain is believed for longer than a query.
func (s *Session) setRegions(c Config, enabled []Region, err error) {
	switch {
	case err == nil:
	case awserr.IsDenied(err):
		enabled, s.fallback = knownRegions(s.Partition), err
	default:
		s.regionsErr = err
		return
	}
	s.regions, s.leftOut = c.selectRegions(enabled)
	s.fresh = time.Now().Add(identityTTL)
}

// shareRegions has a session keep no list of regions of its own that is the same as another's: an organization has
// thousands of accounts, and few lists.
func (s *Session) shareRegions(with *Session) {
	if slices.Equal(s.regions, with.regions) {
		s.regions = with.regions
	}
	if slices.Equal(s.leftOut, with.leftOut) {
		s.leftOut = with.leftOut
	}
}

// LeftOut returns the enabled regions that the connection does not scan.
func (s *Session) LeftOut() []string { return s.leftOut }

// Regional gives the configuration for calls in a region. A [Session] does.
type Regional interface {
	In(region string) aws.Config
}

// In implements [Regional].
func (s *Session) In(region string) aws.Config {
	config := s.config()
	config.Region = region
	return config
}

// config returns that of the base configuration's region.
func (s *Session) config() aws.Config {
	config := s.limits.applyTo(s.base.Copy(), s.AccountID)
	config.Credentials = s.credentials
	return config
}
