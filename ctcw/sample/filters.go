package sample

import (
	"cmp"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
)

// describeMetricFiltersInput are the members of a DescribeMetricFilters request.
type describeMetricFiltersInput struct {
	LogGroupName     *string
	FilterNamePrefix *string
	MetricName       *string
	MetricNamespace  *string
	Limit            *int
	NextToken        *string
}

func describeMetricFilters(q *request, out []byte) ([]byte, *apiError) {
	var in describeMetricFiltersInput
	if e := q.decode(&in); e != nil {
		return nil, e
	}
	if e := in.check(); e != nil {
		return nil, e
	}
	filters, e := q.filters(in.LogGroupName)
	if e != nil {
		return nil, e
	}
	start, e := pageOffset(in.NextToken, len(filters), q.fault)
	if e != nil {
		return nil, e
	}
	limit := maxLogGroups
	if in.Limit != nil {
		limit = *in.Limit
	}

	out = append(out, `{"metricFilters":[`...)
	count, next := 0, 0
	for i, f := range filters[start:] {
		if !in.wants(f) {
			continue
		}
		if count == limit {
			next = start + i
			break
		}
		out = join(out, count, f.description)
		count++
	}
	if q.fault == HugePage {
		for i := range hugePage {
			f := MetricFilter{Name: fmt.Sprintf("huge-%04d", i+1), Pattern: "huge", Metric: Metric{Namespace: "huge", Name: "huge"}}
			out = join(out, count, marshal(describeFilter("huge", &f)))
			count++
		}
	}
	out = append(out, ']')
	out = appendToken(out, next, q.fault)
	return append(out, '}'), nil
}

func (in *describeMetricFiltersInput) check() *apiError {
	if e := checkLimit(in.Limit); e != nil {
		return e
	}
	if (in.MetricName == nil) != (in.MetricNamespace == nil) {
		return invalid("InvalidParameterException", "Both metricName and metricNamespace must be specified, or neither.")
	}
	return nil
}

// wants tells whether a filter passes. The prefix counts only where the log group is named, as in AWS.
func (in *describeMetricFiltersInput) wants(f *metricFilter) bool {
	return (in.LogGroupName == nil || in.FilterNamePrefix == nil || strings.HasPrefix(f.name, *in.FilterNamePrefix)) &&
		(in.MetricName == nil || *in.MetricName == f.metric && *in.MetricNamespace == f.namespace)
}

// filters are the metric filters of a log group, or of all in the region when none is named, sorted by name.
func (q *request) filters(logGroup *string) ([]*metricFilter, *apiError) {
	if logGroup != nil {
		g, e := q.logGroup(*logGroup)
		if e != nil {
			return nil, e
		}
		return g.filters, nil
	}
	var all []*metricFilter
	for _, g := range q.caller.groups[q.region] {
		all = append(all, g.filters...)
	}
	slices.SortStableFunc(all, func(a, b *metricFilter) int { return cmp.Compare(a.name, b.name) })
	return all, nil
}

// logGroup finds a log group of the caller in the region.
func (q *request) logGroup(name string) (*group, *apiError) {
	groups := q.caller.groups[q.region]
	i, found := slices.BinarySearchFunc(groups, name, func(g group, name string) int { return cmp.Compare(g.Name, name) })
	if !found {
		return nil, invalid(codeResourceNotFound, "The specified log group does not exist.")
	}
	return &groups[i], nil
}

// logGroupAsked is what AWS names when it denies an action on a log group.
func logGroupAsked(q *request) string {
	var in struct{ LogGroupName, LogGroupIdentifier string }
	// What cannot be read names no log group.
	_ = q.decode(&in)
	if strings.HasPrefix(in.LogGroupIdentifier, "arn:") {
		return in.LogGroupIdentifier + ":log-stream:"
	}
	return "arn:" + q.index.partition + ":logs:" + q.region + ":" + q.caller.id + ":log-group:" +
		cmp.Or(in.LogGroupName, in.LogGroupIdentifier) + ":log-stream:"
}

// pageOffset is how many of count entries the pages before had.
func pageOffset(token *string, count int, fault FaultKind) (int, *apiError) {
	if token == nil || fault == RepeatingToken {
		return 0, nil
	}
	var offset int
	text, err := base64.StdEncoding.DecodeString(*token)
	if err == nil {
		err = json.Unmarshal(text, &offset)
	}
	if err != nil || offset < 1 || offset > count {
		return 0, invalid("InvalidParameterException", "The specified nextToken is invalid.")
	}
	return offset, nil
}

// appendToken appends the token of the page that begins with the next entry; 0 means there is none.
func appendToken(out []byte, next int, fault FaultKind) []byte {
	switch {
	case fault == RepeatingToken:
		return append(out, `,"nextToken":"`+repeatingToken+`"`...)
	case next > 0:
		return append(out, `,"nextToken":"`+base64.StdEncoding.EncodeToString(fmt.Append(nil, next))+`"`...)
	default:
		return out
	}
}

// metricFilter is a metric filter in the index.
type metricFilter struct {
	name, namespace, metric string
	description             json.RawMessage
}

// indexFilters makes a log group's metric filters ready to be served, sorted by name.
func indexFilters(g *LogGroup) []*metricFilter {
	var filters []*metricFilter
	for _, f := range g.MetricFilters {
		filters = append(filters, &metricFilter{f.Name, f.Metric.Namespace, f.Metric.Name, marshal(describeFilter(g.Name, f))})
	}
	slices.SortStableFunc(filters, func(a, b *metricFilter) int { return cmp.Compare(a.name, b.name) })
	return filters
}

// filterDescription is a metric filter in the answer of DescribeMetricFilters.
type filterDescription struct {
	FilterName                string                 `json:"filterName"`
	FilterPattern             string                 `json:"filterPattern"`
	MetricTransformations     []metricTransformation `json:"metricTransformations"`
	CreationTime              int64                  `json:"creationTime"`
	LogGroupName              string                 `json:"logGroupName"`
	ApplyOnTransformedLogs    bool                   `json:"applyOnTransformedLogs"`
	FieldSelectionCriteria    string                 `json:"fieldSelectionCriteria,omitempty"`
	EmitSystemFieldDimensions []string               `json:"emitSystemFieldDimensions,omitempty"`
}

// metricTransformation is what the filter publishes.
type metricTransformation struct {
	MetricName      string            `json:"metricName"`
	MetricNamespace string            `json:"metricNamespace"`
	MetricValue     string            `json:"metricValue"`
	DefaultValue    *float64          `json:"defaultValue,omitempty"`
	Dimensions      map[string]string `json:"dimensions,omitempty"`
	Unit            string            `json:"unit"`
}

func describeFilter(logGroup string, f *MetricFilter) filterDescription {
	return filterDescription{
		FilterName:    f.Name,
		FilterPattern: f.Pattern,
		MetricTransformations: []metricTransformation{{
			MetricName:      f.Metric.Name,
			MetricNamespace: f.Metric.Namespace,
			MetricValue:     cmp.Or(f.Metric.Value, "1"),
			DefaultValue:    f.Metric.Default,
			Dimensions:      f.Metric.Dimensions,
			Unit:            cmp.Or(f.Metric.Unit, "None"),
		}},
		CreationTime:              f.Created.UnixMilli(),
		LogGroupName:              logGroup,
		ApplyOnTransformedLogs:    f.ApplyOnTransformedLogs,
		FieldSelectionCriteria:    f.FieldSelectionCriteria,
		EmitSystemFieldDimensions: f.EmitSystemFieldDimensions,
	}
}
