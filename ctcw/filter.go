package ctcw

import (
	"slices"

	"github.com/turbot/steampipe-plugin-sdk/v5/plugin"

	"github.com/ctcw/steampipe-plugin-ctcw/ctcw/aws/trail"
)

// keyColumns are the columns whose = and in filters save AWS calls.
var keyColumns = []string{"arn", "name", "account_id", "region", "home_region"}

// filter holds what the query asks of each key column: every list must hold the row's value.
type filter map[string][][]string

func filterOf(quals plugin.KeyColumnQualMap) filter {
	f := filter{}
	for _, column := range keyColumns {
		if quals[column] == nil {
			continue
		}
		for _, qual := range quals[column].Quals {
			if list := qual.Value.GetListValue(); list != nil {
				var values []string
				for _, v := range list.Values {
					values = append(values, v.GetStringValue())
				}
				f[column] = append(f[column], values)
			} else {
				f[column] = append(f[column], []string{qual.Value.GetStringValue()})
			}
		}
	}
	return f
}

func (f filter) allows(column, value string) bool {
	return !slices.ContainsFunc(f[column], func(values []string) bool { return !slices.Contains(values, value) })
}

func (f filter) allowsTrail(t trail.Trail) bool {
	return f.allows("arn", t.ARN) && f.allows("name", t.Name) &&
		f.allows("region", t.HomeRegion) && f.allows("home_region", t.HomeRegion)
}

// namesTrails reports whether the query asks for certain trails, so that a row about the account itself
// is no answer to it.
func (f filter) namesTrails() bool {
	return len(f["arn"])+len(f["name"])+len(f["region"])+len(f["home_region"]) > 0
}

// split says which regions to ask first, and which only if one of those fails. A trail that is wanted
// from a certain home region is shown there; other regions may show it too, as a shadow trail, and are
// all there is when the connection does not scan its home region.
func (f filter) split(regions []trail.Region) (first, rest []trail.Region) {
	for _, r := range regions {
		if f.allowsHome(r.Name) {
			first = append(first, r)
		} else {
			rest = append(rest, r)
		}
	}
	if len(first) == 0 {
		return rest, nil
	}
	return first, rest
}

func (f filter) allowsHome(region string) bool {
	byARN := !slices.ContainsFunc(f["arn"], func(arns []string) bool {
		return !slices.ContainsFunc(arns, func(arn string) bool { return trail.RegionOf(arn) == region })
	})
	return byARN && f.allows("region", region) && f.allows("home_region", region)
}

// echo returns a value that the query asks of a column, nil when it asks none: a row that reports a
// failure carries it, or the query's own filter would hide the failure.
func (f filter) echo(column string) *string {
	for _, values := range f[column] {
		for _, v := range values {
			if f.allows(column, v) {
				return &v
			}
		}
	}
	return nil
}
