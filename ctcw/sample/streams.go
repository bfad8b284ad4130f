package sample

import (
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"sync"
	"time"
)

// describeLogStreamsInput are the members of a DescribeLogStreams request.
type describeLogStreamsInput struct {
	LogGroupName        *string
	LogGroupIdentifier  *string
	LogStreamNamePrefix *string
	OrderBy             string
	Descending          bool
	Limit               *int
	NextToken           *string
}

// Orders of log streams.
const (
	byName      = "LogStreamName"
	byLastEvent = "LastEventTime"
)

func describeLogStreams(q *request, out []byte) ([]byte, *apiError) {
	var in describeLogStreamsInput
	if e := q.decode(&in); e != nil {
		return nil, e
	}
	if e := in.check(); e != nil {
		return nil, e
	}
	name, e := q.streamsOf(&in)
	if e != nil {
		return nil, e
	}
	g, e := q.logGroup(name)
	if e != nil {
		return nil, e
	}
	streams := g.streams.ordered(in.OrderBy)
	if in.LogStreamNamePrefix != nil {
		streams = withPrefix(streams, *in.LogStreamNamePrefix)
	}
	start, e := pageOffset(in.NextToken, len(streams), q.fault)
	if e != nil {
		return nil, e
	}
	limit := maxLogGroups
	if in.Limit != nil {
		limit = *in.Limit
	}

	end := min(start+limit, len(streams))
	arn := strings.TrimSuffix(q.organization().LogGroupARN(q.caller.id, q.region, g.Name), "*") + "log-stream:"
	out = append(out, `{"logStreams":[`...)
	for i := start; i < end; i++ {
		s := &streams[i]
		if in.Descending {
			s = &streams[len(streams)-1-i]
		}
		out = join(out, i-start, marshal(describeStream(arn, s)))
	}
	if q.fault == HugePage {
		for i := range hugePage {
			out = join(out, end-start+i, marshal(describeStream(arn, &Stream{Name: fmt.Sprintf("huge-%04d", i+1)})))
		}
	}
	out = append(out, ']')
	if end == len(streams) {
		end = 0
	}
	out = appendToken(out, end, q.fault)
	return append(out, '}'), nil
}

// logGroupIdentifiers is what the name or ARN of a log group looks like, which leaves out the ARN that ends in ":*".
var logGroupIdentifiers = regexp.MustCompile(`^[\w#+=/:,.@-]+$`)

func (in *describeLogStreamsInput) check() *apiError {
	if e := checkLimit(in.Limit); e != nil {
		return e
	}
	refuse := func(text string) *apiError { return invalid("InvalidParameterException", text) }
	switch {
	case in.LogGroupName == nil && in.LogGroupIdentifier == nil:
		return refuse("LogGroup name or LogGroup ARN must be specified.")
	case in.LogGroupName != nil && in.LogGroupIdentifier != nil:
		return refuse("LogGroup name and LogGroup ARN are mutually exclusive parameters.")
	case in.LogGroupIdentifier != nil && !logGroupIdentifiers.MatchString(*in.LogGroupIdentifier):
		return refuse("1 validation error detected: Value '" + *in.LogGroupIdentifier + "' at 'logGroupIdentifier' failed to " +
			`satisfy constraint: Member must satisfy regular expression pattern: [\w#+=/:,.@-]*`)
	case in.OrderBy != "" && in.OrderBy != byName && in.OrderBy != byLastEvent:
		return refuse("1 validation error detected: Value '" + in.OrderBy + "' at 'orderBy' failed to satisfy constraint: " +
			"Member must satisfy enum value set: [LogStreamName, LastEventTime]")
	case in.OrderBy == byLastEvent && in.LogStreamNamePrefix != nil:
		return refuse("Cannot order by LastEventTime with a logStreamNamePrefix.")
	}
	return nil
}

// streamsOf is the name of the log group that is asked for. One of another account or region is not found, as no account here
// monitors another.
func (q *request) streamsOf(in *describeLogStreamsInput) (string, *apiError) {
	if in.LogGroupName != nil {
		return *in.LogGroupName, nil
	}
	name := *in.LogGroupIdentifier
	if !strings.HasPrefix(name, "arn:") {
		return name, nil
	}
	name, found := strings.CutPrefix(name, strings.TrimSuffix(q.organization().LogGroupARN(q.caller.id, q.region, ""), ":*"))
	if !found {
		return "", invalid(codeResourceNotFound, "The specified log group does not exist.")
	}
	return name, nil
}

// streams are the log streams of a log group in the index.
type streams struct {
	byName []Stream

	once   sync.Once
	byTime []Stream // made when it is first asked for
}

// indexStreams copies a log group's streams.
func indexStreams(g *LogGroup) *streams {
	if len(g.Streams) == 0 {
		return &noStreams
	}
	s := &streams{byName: slices.Clone(g.Streams)}
	compare := func(a, b Stream) int { return cmp.Compare(a.Name, b.Name) }
	if !slices.IsSortedFunc(s.byName, compare) {
		slices.SortFunc(s.byName, compare)
	}
	return s
}

// noStreams are those of a log group that has none.
var noStreams streams

func (s *streams) ordered(by string) []Stream {
	if by != byLastEvent {
		return s.byName
	}
	s.once.Do(func() {
		s.byTime = slices.Clone(s.byName)
		slices.SortStableFunc(s.byTime, func(a, b Stream) int { return a.LastEvent.Compare(b.LastEvent) })
	})
	return s.byTime
}

// withPrefix is the part of streams sorted by name whose names begin so.
func withPrefix(streams []Stream, prefix string) []Stream {
	start, _ := slices.BinarySearchFunc(streams, prefix, func(s Stream, prefix string) int { return cmp.Compare(s.Name, prefix) })
	end := start
	for end < len(streams) && strings.HasPrefix(streams[end].Name, prefix) {
		end++
	}
	return streams[start:end]
}

// streamDescription is a log stream in the answer of DescribeLogStreams.
type streamDescription struct {
	LogStreamName       string `json:"logStreamName"`
	CreationTime        int64  `json:"creationTime"`
	FirstEventTimestamp int64  `json:"firstEventTimestamp,omitempty"`
	LastEventTimestamp  int64  `json:"lastEventTimestamp,omitempty"`
	LastIngestionTime   int64  `json:"lastIngestionTime,omitempty"`
	ARN                 string `json:"arn"`
	StoredBytes         int64  `json:"storedBytes"` // AWS has not counted them since 2019
}

func describeStream(prefix string, s *Stream) streamDescription {
	milli := func(t time.Time) int64 {
		if t.IsZero() {
			return 0
		}
		return t.UnixMilli()
	}
	return streamDescription{
		LogStreamName:       s.Name,
		CreationTime:        milli(s.Created),
		FirstEventTimestamp: milli(s.FirstEvent),
		LastEventTimestamp:  milli(s.LastEvent),
		LastIngestionTime:   milli(s.LastIngest),
		ARN:                 prefix + s.Name,
	}
}
