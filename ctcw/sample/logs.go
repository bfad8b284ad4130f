package sample

import (
	"cmp"
	"encoding/base64"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

var logs = newJSONService("logs", map[string]operation{
	"DescribeLogGroups":     {action: "logs:DescribeLogGroups", run: describeLogGroups, resource: allLogGroups},
	"DescribeMetricFilters": {action: "logs:DescribeMetricFilters", set: AlarmActions, run: describeMetricFilters, resource: logGroupAsked},
	"DescribeLogStreams":    {action: "logs:DescribeLogStreams", set: StreamActions, run: describeLogStreams, resource: logGroupAsked},
})

// maxLogGroups is the size of a page of DescribeLogGroups and the others, and the most a client may ask for.
const maxLogGroups = 50

// describeLogGroupsInput are the members of a DescribeLogGroups request, but for the ones about monitoring accounts: no account
// here is one, and to others they change nothing.
type describeLogGroupsInput struct {
	LogGroupNamePrefix  *string
	LogGroupNamePattern *string
	LogGroupClass       string
	LogGroupIdentifiers []string
	Limit               *int
	NextToken           *string
}

func describeLogGroups(q *request, out []byte) ([]byte, *apiError) {
	var in describeLogGroupsInput
	if e := q.decode(&in); e != nil {
		return nil, e
	}
	if e := in.check(); e != nil {
		return nil, e
	}
	after, e := in.after(q.fault)
	if e != nil {
		return nil, e
	}
	limit := maxLogGroups
	if in.Limit != nil {
		limit = *in.Limit
	}

	out = append(out, `{"logGroups":[`...)
	count, last := 0, ""
	groups := q.caller.groups[q.region]
	start, _ := slices.BinarySearchFunc(groups, in.first(after), func(g group, name string) int {
		return cmp.Compare(g.Name, name)
	})
	more := false
	for _, g := range groups[start:] {
		if in.LogGroupNamePrefix != nil && !strings.HasPrefix(g.Name, *in.LogGroupNamePrefix) {
			break // sorted: none of the rest has it
		}
		if g.Name == after || !in.wants(&g) {
			continue
		}
		if count == limit {
			more = true
			break
		}
		description := g.description
		if in.LogGroupNamePattern != nil {
			// As AWS does, which makes every group found this way look as if it were kept for ever.
			g.RetentionInDays = 0
			description = marshal(q.describeGroup(&g.LogGroup))
		}
		out = join(out, count, description)
		count, last = count+1, g.Name
	}
	if q.fault == HugePage {
		for i := range hugePage {
			g := LogGroup{Name: fmt.Sprintf("%s-huge-%04d", in.prefix(), i+1), Region: q.region}
			out = join(out, count, marshal(q.describeGroup(&g)))
			count++
		}
	}
	out = append(out, ']')
	switch {
	case q.fault == RepeatingToken:
		out = append(out, `,"nextToken":"`+repeatingToken+`"`...)
	case more:
		out = append(out, `,"nextToken":"`+base64.StdEncoding.EncodeToString([]byte(last))+`"`...)
	}
	return append(out, '}'), nil
}

var logGroupNames = regexp.MustCompile(`^[\.\-_/#A-Za-z0-9]+$`)

func (in *describeLogGroupsInput) check() *apiError {
	if e := checkLimit(in.Limit); e != nil {
		return e
	}
	if in.LogGroupNamePrefix != nil && !logGroupNames.MatchString(*in.LogGroupNamePrefix) {
		return invalid("InvalidParameterException", "1 validation error detected: Value '"+*in.LogGroupNamePrefix+
			`' at 'logGroupNamePrefix' failed to satisfy constraint: Member must satisfy regular expression pattern: [\.\-_/#A-Za-z0-9]+`)
	}
	if in.LogGroupNamePrefix != nil && in.LogGroupNamePattern != nil {
		return invalid("InvalidParameterException",
			"LogGroup name prefix and LogGroup name pattern are mutually exclusive parameters.")
	}
	return nil
}

// checkLimit refuses the sizes of a page that CloudWatch Logs does not take.
func checkLimit(limit *int) *apiError {
	if limit != nil && (*limit < 1 || *limit > maxLogGroups) {
		return invalid("InvalidParameterException", "1 validation error detected: Value '"+strconv.Itoa(*limit)+
			"' at 'limit' failed to satisfy constraint: Member must have value between 1 and "+strconv.Itoa(maxLogGroups))
	}
	return nil
}

// after is the name of the last log group of the page before.
func (in *describeLogGroupsInput) after(fault FaultKind) (string, *apiError) {
	if in.NextToken == nil || fault == RepeatingToken {
		return "", nil
	}
	name, err := base64.StdEncoding.DecodeString(*in.NextToken)
	if err != nil || !logGroupNames.Match(name) {
		return "", invalid("InvalidParameterException", "The specified nextToken is invalid.")
	}
	return string(name), nil
}

// first is where in the sorted names the answer begins at the earliest.
func (in *describeLogGroupsInput) first(after string) string {
	return max(after, in.prefix())
}

func (in *describeLogGroupsInput) prefix() string {
	if in.LogGroupNamePrefix == nil {
		return ""
	}
	return *in.LogGroupNamePrefix
}

// wants tells whether a log group passes the filters other than the prefix.
func (in *describeLogGroupsInput) wants(g *group) bool {
	return (in.LogGroupNamePattern == nil || strings.Contains(g.Name, *in.LogGroupNamePattern)) &&
		(in.LogGroupClass == "" || in.LogGroupClass == cmp.Or(g.Class, classStandard)) &&
		(len(in.LogGroupIdentifiers) == 0 || slices.Contains(in.LogGroupIdentifiers, g.Name))
}

// allLogGroups is the odd resource that AWS names when it denies DescribeLogGroups.
func allLogGroups(q *request) string {
	return "arn:" + q.index.partition + ":logs:" + q.region + ":" + q.caller.id + ":log-group::log-stream:"
}

const classStandard = "STANDARD"

// groupDescription is a log group in the answer of DescribeLogGroups.
type groupDescription struct {
	LogGroupName      string `json:"logGroupName"`
	CreationTime      int64  `json:"creationTime"`
	RetentionInDays   int32  `json:"retentionInDays,omitempty"`
	MetricFilterCount int32  `json:"metricFilterCount"`
	ARN               string `json:"arn"`
	StoredBytes       int64  `json:"storedBytes"`
	KMSKeyID          string `json:"kmsKeyId,omitempty"`
	LogGroupClass     string `json:"logGroupClass"`
	LogGroupARN       string `json:"logGroupArn"`
}

func (q *request) describeGroup(g *LogGroup) groupDescription {
	org := Organization{Partition: q.index.partition}
	return describeGroup(&org, &Account{ID: q.caller.id}, g)
}

func describeGroup(org *Organization, a *Account, g *LogGroup) groupDescription {
	arn := org.LogGroupARN(a.ID, g.Region, g.Name)
	return groupDescription{
		LogGroupName:      g.Name,
		CreationTime:      g.Created.UnixMilli(),
		RetentionInDays:   g.RetentionInDays,
		MetricFilterCount: cmp.Or(g.MetricFilterCount, int32(len(g.MetricFilters))),
		ARN:               arn,
		StoredBytes:       g.StoredBytes,
		KMSKeyID:          g.KMSKeyID,
		LogGroupClass:     cmp.Or(g.Class, classStandard),
		LogGroupARN:       strings.TrimSuffix(arn, ":*"),
	}
}
