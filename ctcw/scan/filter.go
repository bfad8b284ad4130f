package scan

import (
	"slices"

	"github.com/ctcw/steampipe-plugin-ctcw/ctcw/aws/account"
	"github.com/ctcw/steampipe-plugin-ctcw/ctcw/aws/trail"
)

// Filter holds what a query asks of each key column with = and in: every list must hold the row's value.
type Filter map[string][][]string

func (f Filter) allows(column, value string) bool {
	return !slices.ContainsFunc(f[column], func(values []string) bool { return !slices.Contains(values, value) })
}

func (f Filter) allowsTrail(t trail.Trail) bool {
	return f.allows("arn", t.ARN) && f.allows("name", t.Name) &&
		f.allows("region", t.HomeRegion) && f.allows("home_region", t.HomeRegion)
}

// namesTrails reports whether the query asks for certain trails, so that a row about the account itself
// is no answer to it.
func (f Filter) namesTrails() bool {
	return f.asks("arn") || f.asks("name") || f.asks("region") || f.asks("home_region")
}

// split says which regions to ask first, and which only if one of those fails. A trail that is wanted
// from a certain home region is shown there; other regions may show it too, as a shadow trail, and are
// all there is when the connection does not scan its home region.
func (f Filter) split(regions []account.Region) (first, rest []account.Region) {
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

func (f Filter) allowsHome(region string) bool {
	byARN := !slices.ContainsFunc(f["arn"], func(arns []string) bool {
		return !slices.ContainsFunc(arns, func(arn string) bool { return trail.RegionOf(arn) == region })
	})
	return byARN && f.allows("region", region) && f.allows("home_region", region)
}

// asks reports whether the query filters on a column.
func (f Filter) asks(column string) bool { return len(f[column]) > 0 }

// sought returns the values that the query asks of a column and that all its lists hold.
func (f Filter) sought(column string) map[string]bool {
	all := map[string]bool{}
	for _, values := range f[column] {
		for _, v := range values {
			if f.allows(column, v) {
				all[v] = true
			}
		}
	}
	return all
}

// values returns those that the query asks of a column and that hold, each once; "" alone where it asks for none.
func (f Filter) values(column string, holds func(string) bool) []string {
	if !f.asks(column) {
		return []string{""}
	}
	var all []string
	for _, v := range f[column][0] {
		if holds(v) && f.allows(column, v) && !slices.Contains(all, v) {
			all = append(all, v)
		}
	}
	return all
}
