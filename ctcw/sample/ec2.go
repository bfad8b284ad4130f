package sample

import (
	"encoding/xml"
	"net/http"
	"net/url"
	"slices"
	"strconv"
)

var ec2 = newEC2Service()

// newEC2Service makes EC2, which has its own words for the common errors.
func newEC2Service() *service {
	s := newQueryService("ec2", formatEC2, "", map[string]operation{
		"DescribeRegions": {action: "ec2:DescribeRegions", run: describeRegions},
	})
	s.unknownKey = apiError{http.StatusUnauthorized, "AuthFailure",
		"AWS was not able to validate the provided access credentials"}
	s.expiredToken = apiError{http.StatusBadRequest, "RequestExpired", "Request has expired."}
	s.accessDenied = apiError{http.StatusForbidden, "UnauthorizedOperation", ""}
	s.throttled = apiError{http.StatusServiceUnavailable, "RequestLimitExceeded", "Request limit exceeded."}
	s.failure = apiError{http.StatusInternalServerError, "InternalError", "An internal error has occurred"}
	return s
}

// Values of a region's opt-in status.
const (
	optInNotRequired = "opt-in-not-required"
	optedIn          = "opted-in"
	notOptedIn       = "not-opted-in"
)

func describeRegions(q *request, out []byte) ([]byte, *apiError) {
	all := q.form.Get("AllRegions") == "true"
	names := list(q.form, "RegionName")
	filters, e := regionFilters(q.form)
	if e != nil {
		return nil, e
	}
	if e := q.checkRegions(names); e != nil {
		return nil, e
	}

	out = append(out, xml.Header+`<DescribeRegionsResponse xmlns="http://ec2.amazonaws.com/doc/2016-11-15/"><requestId>`+q.id+
		`</requestId><regionInfo>`...)
	for _, r := range partitions[q.index.partition] {
		enabled := q.caller.enabled[r.name]
		fields := map[string]string{
			"region-name":   r.name,
			"opt-in-status": optInStatus(r, enabled),
			"endpoint":      "ec2." + r.name + "." + domain(q.index.partition),
		}
		if !enabled && !all || len(names) > 0 && !slices.Contains(names, r.name) || !passes(filters, fields) {
			continue
		}
		out = append(out, `<item><regionName>`+r.name+`</regionName><regionEndpoint>`+fields["endpoint"]+
			`</regionEndpoint><optInStatus>`+fields["opt-in-status"]+`</optInStatus></item>`...)
	}
	return append(out, `</regionInfo></DescribeRegionsResponse>`...), nil
}

func optInStatus(r region, enabled bool) string {
	switch {
	case !enabled:
		return notOptedIn
	case r.optIn:
		return optedIn
	default:
		return optInNotRequired
	}
}

// checkRegions refuses names of regions that do not exist.
func (q *request) checkRegions(names []string) *apiError {
	for _, name := range names {
		known := slices.ContainsFunc(partitions[q.index.partition], func(r region) bool { return r.name == name })
		if !known {
			return invalid("InvalidParameterValue", "Invalid region name: ["+name+"]")
		}
	}
	return nil
}

// regionFilters reads Filter.N.Name and Filter.N.Value.M.
func regionFilters(form url.Values) (map[string][]string, *apiError) {
	filters := make(map[string][]string)
	for i := 1; ; i++ {
		key := "Filter." + strconv.Itoa(i)
		name := form.Get(key + ".Name")
		if name == "" {
			return filters, nil
		}
		if !slices.Contains([]string{"region-name", "opt-in-status", "endpoint"}, name) {
			return nil, invalid("InvalidParameterValue", "The filter '"+name+"' is invalid")
		}
		filters[name] = list(form, key+".Value")
	}
}

// passes tells whether every filter has a value that fits. Filters know the same globs as IAM.
func passes(filters map[string][]string, fields map[string]string) bool {
	for name, values := range filters {
		fits := slices.ContainsFunc(values, func(glob string) bool {
			return match(glob, fields[name])
		})
		if !fits {
			return false
		}
	}
	return true
}
