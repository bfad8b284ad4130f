package account

import (
	"context"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/agext/levenshtein"
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"

	"github.com/ctcw/steampipe-plugin-ctcw/ctcw/aws/awserr"
)

// Region is a region to list trails in.
type Region struct {
	Name string
	// MaybeDisabled is set for an opt-in region of which it is not known whether the account enabled
	// it: there, the answer "not enabled" is no failure.
	MaybeDisabled bool
}

// partitionRegions are the regions of each partition, for when DescribeRegions may not be called. In
// the second list are those that an account has to enable first.
var partitionRegions = map[string]struct{ standard, optIn []string }{
	"aws": {
		standard: []string{
			"ap-northeast-1", "ap-northeast-2", "ap-northeast-3", "ap-south-1", "ap-southeast-1", "ap-southeast-2",
			"ca-central-1", "eu-central-1", "eu-north-1", "eu-west-1", "eu-west-2", "eu-west-3", "sa-east-1",
			"us-east-1", "us-east-2", "us-west-1", "us-west-2",
		},
		optIn: []string{
			"af-south-1", "ap-east-1", "ap-east-2", "ap-south-2", "ap-southeast-3", "ap-southeast-4", "ap-southeast-5",
			"ap-southeast-6", "ap-southeast-7", "ca-west-1", "eu-central-2", "eu-south-1", "eu-south-2", "il-central-1",
			"me-central-1", "me-south-1", "mx-central-1",
		},
	},
	"aws-cn":     {standard: []string{"cn-north-1", "cn-northwest-1"}},
	"aws-us-gov": {standard: []string{"us-gov-east-1", "us-gov-west-1"}},
	"aws-eusc":   {standard: []string{"eusc-de-east-1"}},
	"aws-iso":    {standard: []string{"us-iso-east-1", "us-iso-west-1"}},
	"aws-iso-b":  {standard: []string{"us-isob-east-1", "us-isob-west-1"}},
	"aws-iso-e":  {standard: []string{"eu-isoe-west-1"}},
	"aws-iso-f":  {standard: []string{"us-isof-east-1", "us-isof-south-1"}},
}

// describeRegions returns every region that the account has enabled.
func describeRegions(ctx context.Context, cfg aws.Config) ([]Region, error) {
	out, err := ec2.NewFromConfig(cfg).DescribeRegions(ctx, &ec2.DescribeRegionsInput{})
	if err != nil {
		return nil, err
	}
	regions := make([]Region, 0, len(out.Regions))
	for _, r := range out.Regions {
		// AWS names only enabled regions here; emulators name the others too, and say so.
		if name := aws.ToString(r.RegionName); name != "" && aws.ToString(r.OptInStatus) != "not-opted-in" {
			regions = append(regions, Region{Name: name})
		}
	}
	if len(regions) == 0 {
		return nil, awserr.InvalidResponse("DescribeRegions named no region")
	}
	return regions, nil
}

// knownRegions returns every region of a partition, for an account that may not call DescribeRegions.
func knownRegions(partition string) []Region {
	var regions []Region
	for _, name := range partitionRegions[partition].standard {
		regions = append(regions, Region{Name: name})
	}
	for _, name := range partitionRegions[partition].optIn {
		regions = append(regions, Region{Name: name, MaybeDisabled: true})
	}
	return regions
}

var regionName = regexp.MustCompile(`^[a-z]{2,}(-[a-z]+)+-[0-9]+$`)

// IsRegion reports whether name has the form of a region's: AWS opens new ones now and then.
func IsRegion(name string) bool { return regionName.MatchString(name) }

// selectRegions parts the regions that the connection asks for, sorted, from those that it leaves out.
func (c Config) selectRegions(enabled []Region) (selected []Region, leftOut []string) {
	for _, r := range enabled {
		switch {
		case c.wantsRegion(r.Name):
			selected = append(selected, r)
		case !r.MaybeDisabled:
			leftOut = append(leftOut, r.Name)
		}
	}
	slices.SortFunc(selected, func(a, b Region) int { return strings.Compare(a.Name, b.Name) })
	return selected, leftOut
}

// checkRegions finds the pattern that matches neither a region of the account nor any other of the
// partition: a mistake, and said to be one.
func (c Config) checkRegions(partition string, enabled []Region) error {
	known := make([]string, 0, len(enabled))
	for _, r := range slices.Concat(enabled, knownRegions(partition)) {
		known = append(known, r.Name)
	}
	slices.Sort(known)
	for _, pattern := range c.Regions {
		if !slices.ContainsFunc(known, func(name string) bool { return Glob(pattern, name) }) {
			return fmt.Errorf("regions: %q matches no region of partition %s%s", pattern, partition, hint(pattern, known))
		}
	}
	return nil
}

// hint proposes the region that a mistyped name was most likely meant to be.
func hint(name string, known []string) string {
	best, distance := "", 3
	for _, k := range known {
		if d := levenshtein.Distance(strings.ToLower(name), k, nil); d < distance {
			best, distance = k, d
		}
	}
	if best == "" {
		return ""
	}
	return fmt.Sprintf(" (did you mean %q?)", best)
}

// guessRegion proposes a region to start from when neither the connection nor the environment names
// one: the main region of the partition that the patterns point to.
func (c Config) guessRegion() string {
	for _, pattern := range c.Regions {
		switch p := strings.ToLower(pattern); {
		case strings.HasPrefix(p, "us-gov-"):
			return "us-gov-west-1"
		case strings.HasPrefix(p, "cn-"):
			return "cn-north-1"
		case strings.HasPrefix(p, "eusc-"):
			return "eusc-de-east-1"
		}
	}
	return "us-east-1"
}
