package trail

import (
	"cmp"
	"context"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudtrail"

	"github.com/ctcw/steampipe-plugin-ctcw/ctcw/aws/account"
	"github.com/ctcw/steampipe-plugin-ctcw/ctcw/aws/awserr"
)

// Listing is what an account's regions answered to DescribeTrails.
type Listing struct {
	// Trails holds each trail once, however many regions show it, sorted by ARN.
	Trails []Trail
	// Listed are the regions that answered, sorted.
	Listed []string
	// Failed maps each region that could not be listed to why.
	Failed map[string]error
}

// Collect asks every region at once. ask begins to ask one, and returns what waits for what it shows, as [Describe]
// tells it.
func Collect(regions []account.Region, ask func(region string) func() ([]Trail, error)) Listing {
	answers := make([]func() ([]Trail, error), len(regions))
	for i, region := range regions {
		answers[i] = ask(region.Name)
	}
	listing := Listing{Failed: map[string]error{}}
	for i, region := range regions {
		shown, err := answers[i]()
		switch {
		case err == nil:
			listing.Listed = append(listing.Listed, region.Name)
		case region.MaybeDisabled && awserr.IsNotEnabled(err):
			// Nothing can be recorded in a region that is not enabled.
		default:
			listing.Failed[region.Name] = err
		}
		seen := slices.Clone(shown)
		for j := range seen {
			seen[j].SeenIn = []string{region.Name}
		}
		listing.merge(seen)
	}
	return listing
}

func client(of account.Regional, region string) *cloudtrail.Client {
	return cloudtrail.NewFromConfig(of.In(region))
}

// Describe returns the trails that a region shows, shadow trails included: without them, region replicas and
// organization trails in member accounts would stay hidden. A trail without an ARN, which AWS always gives one, can
// be told from no other: the region then counts as one that could not be listed, beside what it did show.
func Describe(ctx context.Context, of account.Regional, region string) ([]Trail, error) {
	out, err := client(of, region).DescribeTrails(ctx, &cloudtrail.DescribeTrailsInput{IncludeShadowTrails: aws.Bool(true)})
	if err != nil {
		return nil, err
	}
	if out.TrailList == nil {
		return nil, awserr.InvalidResponse("DescribeTrails returned no list of trails, not even an empty one")
	}
	trails := make([]Trail, 0, len(out.TrailList))
	for _, t := range out.TrailList {
		if aws.ToString(t.TrailARN) == "" {
			err = awserr.InvalidResponse("DescribeTrails returned a trail without an ARN")
			continue
		}
		trails = append(trails, newTrail(t))
	}
	return trails, err
}

// Merge adds what another listing of the same account found, as if all had been asked at once.
func (l *Listing) Merge(other Listing) {
	l.Listed = append(l.Listed, other.Listed...)
	for region, err := range other.Failed {
		l.Failed[region] = err
	}
	l.merge(other.Trails)
}

func (l *Listing) merge(trails []Trail) {
	byARN := make(map[string]int, len(l.Trails))
	for i, t := range l.Trails {
		byARN[t.ARN] = i
	}
	for _, t := range trails {
		if i, ok := byARN[t.ARN]; ok {
			l.Trails[i] = merge(l.Trails[i], t)
			continue
		}
		byARN[t.ARN] = len(l.Trails)
		l.Trails = append(l.Trails, t)
	}
	slices.SortFunc(l.Trails, func(a, b Trail) int { return cmp.Compare(a.ARN, b.ARN) })
	slices.Sort(l.Listed)
}
