package trail

import (
	"errors"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/cloudtrail/types"
	"github.com/stretchr/testify/assert"

	"github.com/ctcw/steampipe-plugin-ctcw/ctcw/aws/account"
)

const (
	home = "eu-west-1"
	own  = "arn:aws:cloudtrail:" + home + ":111111111111:trail/t"
)

// sight is a trail as a region shows it: the replicas lag behind and still show a log group.
func sight(region string) Trail {
	t := Trail{ARN: own, HomeRegion: home, SeenIn: []string{region}}
	if region != home {
		t.LogGroupARN = "arn:aws:logs:eu-west-1:111111111111:log-group:gone:*"
	}
	return t
}

func collect(regions ...string) Listing {
	var all []account.Region
	for _, r := range regions {
		all = append(all, account.Region{Name: r})
	}
	return Collect(all, func(region string) func() ([]Trail, error) {
		return func() ([]Trail, error) {
			if region == "me-south-1" {
				return nil, errors.New("no answer")
			}
			return []Trail{sight(region)}, nil
		}
	})
}

func TestTheHomeRegionsAnswerIsTheAuthority(t *testing.T) {
	for name, got := range map[string]Listing{
		"first":   collect(home, "us-east-1", "us-west-2"),
		"between": collect("ap-south-1", home, "us-east-1"),
		"last":    collect("ap-south-1", "ca-central-1", home),
	} {
		assert.Len(t, got.Trails, 1, name)
		assert.Empty(t, got.Trails[0].LogGroupARN, "%s: a replica lags behind", name)
		assert.Len(t, got.Trails[0].SeenIn, 3, name)
		assert.IsIncreasing(t, got.Trails[0].SeenIn, name)
	}
}

// Listings are merged when regions were asked one after the others: the home region may be any of either.
func TestTheHomeRegionsAnswerIsTheAuthorityOfListingsToo(t *testing.T) {
	for name, regions := range map[string][2][]string{
		"in the first":                  {{"ap-south-1", home, "me-south-1"}, {"us-east-1", "us-west-2"}},
		"in the second, not its first":  {{"us-east-1", "me-south-1"}, {"ap-south-1", home, "us-west-2"}},
		"in the second, the first":      {{"us-east-1", "me-south-1"}, {home, "us-west-2"}},
		"in the first, the first there": {{home, "me-south-1"}, {"ap-south-1", "us-west-2"}},
	} {
		got := collect(regions[0]...)
		got.Merge(collect(regions[1]...))
		assert.Len(t, got.Trails, 1, name)
		assert.Empty(t, got.Trails[0].LogGroupARN, name)
		assert.Contains(t, got.Trails[0].SeenIn, home, name)
		assert.IsIncreasing(t, got.Listed, name)
		assert.Contains(t, got.Failed, "me-south-1", name)
	}
	assert.NotEmpty(t, collect("ap-south-1", "us-east-1").Trails[0].LogGroupARN, "replicas are all there is")
}

// A region that could not be listed is one in which trails may be, whichever listing asked for it.
func TestNoFailureIsLostWhenListingsAreMerged(t *testing.T) {
	for name, regions := range map[string][2][]string{
		"of the first":  {{home, "me-south-1"}, {"us-east-1"}},
		"of the second": {{home}, {"us-east-1", "me-south-1"}},
	} {
		got := collect(regions[0]...)
		got.Merge(collect(regions[1]...))
		assert.Equal(t, []string{home, "us-east-1"}, got.Listed, name)
		assert.ErrorContains(t, got.Failed["me-south-1"], "no answer", name)
	}
}

func TestTheHomeRegionIsInTheARNWhereAWSDoesNotSay(t *testing.T) {
	arn, us := own, "us-east-1"
	assert.Equal(t, home, newTrail(types.Trail{TrailARN: &arn}).HomeRegion)
	assert.Equal(t, us, newTrail(types.Trail{TrailARN: &arn, HomeRegion: &us}).HomeRegion)
}
