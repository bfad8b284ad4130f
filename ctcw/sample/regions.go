package sample

import "strings"

// region is a row of the list of AWS regions.
type region struct {
	name  string
	optIn bool
}

// partitions lists the regions of each partition, sorted by name.
var partitions = map[string][]region{
	"aws": {
		{"af-south-1", true},
		{"ap-east-1", true},
		{"ap-east-2", true},
		{"ap-northeast-1", false},
		{"ap-northeast-2", false},
		{"ap-northeast-3", false},
		{"ap-south-1", false},
		{"ap-south-2", true},
		{"ap-southeast-1", false},
		{"ap-southeast-2", false},
		{"ap-southeast-3", true},
		{"ap-southeast-4", true},
		{"ap-southeast-5", true},
		{"ap-southeast-6", true},
		{"ap-southeast-7", true},
		{"ca-central-1", false},
		{"ca-west-1", true},
		{"eu-central-1", false},
		{"eu-central-2", true},
		{"eu-north-1", false},
		{"eu-south-1", true},
		{"eu-south-2", true},
		{"eu-west-1", false},
		{"eu-west-2", false},
		{"eu-west-3", false},
		{"eu-west-9", true}, // does not exist: one that is newer than any list of them
		{"il-central-1", true},
		{"me-central-1", true},
		{"me-south-1", true},
		{"mx-central-1", true},
		{"sa-east-1", false},
		{"us-east-1", false},
		{"us-east-2", false},
		{"us-west-1", false},
		{"us-west-2", false},
	},
	"aws-cn":     {{"cn-north-1", false}, {"cn-northwest-1", false}},
	"aws-us-gov": {{"us-gov-east-1", false}, {"us-gov-west-1", false}},
}

// DefaultRegions are the regions of a partition that are enabled in every account: 17 of them in aws.
func DefaultRegions(partition string) []string {
	var names []string
	for _, r := range partitions[partition] {
		if !r.optIn {
			names = append(names, r.name)
		}
	}
	return names
}

// enabledByDefaultIn are the regions that are enabled in every account, by partition.
var enabledByDefaultIn = func() map[string]map[string]bool {
	enabled := make(map[string]map[string]bool)
	for partition := range partitions {
		enabled[partition] = setOf(DefaultRegions(partition))
	}
	return enabled
}()

func setOf(names []string) map[string]bool {
	set := make(map[string]bool, len(names))
	for _, name := range names {
		set[name] = true
	}
	return set
}

// enabledByDefault tells whether no account of the partition can disable the region.
func enabledByDefault(partition, name string) bool {
	return enabledByDefaultIn[partition][name]
}

// regionNames are the names of all regions, each as itself.
var regionNames = func() map[string]string {
	names := make(map[string]string)
	for _, regions := range partitions {
		for _, r := range regions {
			names[r.name] = r.name
		}
	}
	return names
}()

// internRegion is the same name in memory of its own, so that one that is kept does not keep the request that it was cut from.
func internRegion(name string) string {
	if known, found := regionNames[name]; found {
		return known
	}
	return strings.Clone(name)
}

// homeOfGlobal is the region in which a partition's organizations live and from which its global events come.
func homeOfGlobal(partition string) string {
	switch partition {
	case "aws-cn":
		return "cn-northwest-1"
	case "aws-us-gov":
		return "us-gov-west-1"
	default:
		return "us-east-1"
	}
}

// domain is what the host names of a partition's services end in.
func domain(partition string) string {
	if partition == "aws-cn" {
		return "amazonaws.com.cn"
	}
	return "amazonaws.com"
}
