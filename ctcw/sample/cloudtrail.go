package sample

import (
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

var cloudtrail = newJSONService("cloudtrail", map[string]operation{
	"DescribeTrails":    {action: "cloudtrail:DescribeTrails", run: describeTrails},
	"GetTrailStatus":    {action: "cloudtrail:GetTrailStatus", run: getTrailStatus, resource: trailAsked},
	"GetEventSelectors": {action: "cloudtrail:GetEventSelectors", set: SelectorActions, run: getEventSelectors, resource: trailAsked},
	"ListTags":          {action: "cloudtrail:ListTags", set: TagActions, run: listTags},
})

// maxTagResources is how many resources ListTags takes at a time.
const maxTagResources = 20

func describeTrails(q *request, out []byte) ([]byte, *apiError) {
	var in struct {
		TrailNameList       []string
		IncludeShadowTrails *bool
	}
	if e := q.decode(&in); e != nil {
		return nil, e
	}
	for _, name := range in.TrailNameList {
		if e := checkTrail(name); e != nil {
			return nil, e
		}
	}
	shadows := in.IncludeShadowTrails == nil || *in.IncludeShadowTrails

	out = append(out, `{"trailList":[`...)
	count := 0
	for t := range q.index.visible(q.caller.member, q.region, shadows) {
		if len(in.TrailNameList) > 0 && !q.names(in.TrailNameList, t) {
			continue
		}
		out = join(out, count, t.description)
		count++
	}
	if q.fault == HugePage {
		for i := range hugePage {
			name := fmt.Sprintf("huge-%04d", i+1)
			arn := "arn:" + q.index.partition + ":cloudtrail:" + q.region + ":" + q.caller.id + ":trail/" + name
			out = join(out, count, marshal(describeTrail(arn, &Trail{Name: name, HomeRegion: q.region, S3BucketName: "huge"})))
			count++
		}
	}
	return append(out, `]}`...), nil
}

// names tells whether a list of names and ARNs has the trail. A plain name means the caller's own trail at home in the region.
func (q *request) names(list []string, t *trail) bool {
	return slices.Contains(list, t.arn) ||
		t.owner == q.caller.id && t.home == q.region && slices.Contains(list, t.name)
}

func getTrailStatus(q *request, out []byte) ([]byte, *apiError) {
	t, e := q.readableTrail()
	if e != nil {
		return nil, e
	}
	if status, found := t.regionStatus[q.region]; found {
		return append(out, status...), nil
	}
	return append(out, t.status...), nil
}

func getEventSelectors(q *request, out []byte) ([]byte, *apiError) {
	t, e := q.readableTrail()
	if e != nil {
		return nil, e
	}
	if q.fault != HugePage {
		return append(out, t.selectors...), nil
	}
	// They record nothing that is not data.
	huge := make([]AdvancedEventSelector, hugePage)
	for i := range huge {
		huge[i] = AdvancedEventSelector{fmt.Sprintf("huge-%04d", i+1), []FieldSelector{{Field: "eventCategory", Equals: []string{"Data"}}}}
	}
	var d selectorsDescription
	if err := json.Unmarshal(t.selectors, &d); err != nil {
		panic("sample: " + err.Error())
	}
	if d.AdvancedEventSelectors != nil {
		huge = append(*d.AdvancedEventSelectors, huge...)
	}
	d.AdvancedEventSelectors = &huge
	return append(out, marshal(d)...), nil
}

// readableTrail finds the trail whose status or selectors are asked for.
func (q *request) readableTrail() (*trail, *apiError) {
	name, e := trailName(q)
	if e != nil {
		return nil, e
	}
	t := q.trail(name)
	if t == nil {
		return nil, q.unknownTrail(name)
	}
	if t.owner != q.caller.id {
		switch q.caller.orgStatus {
		case StatusNotFound:
			return nil, q.unknownTrail(name)
		case StatusForeignARN:
			return nil, q.foreignAccount()
		case StatusDenied:
			return nil, q.denied(false)
		}
	}
	return t, nil
}

// trailName is the trail that GetTrailStatus or GetEventSelectors is asked about, by name or ARN.
func trailName(q *request) (string, *apiError) {
	var in struct{ Name, TrailName string }
	if e := q.decode(&in); e != nil {
		return "", e
	}
	name := cmp.Or(in.Name, in.TrailName)
	return name, checkTrail(name)
}

// trailAsked is the ARN of that trail.
func trailAsked(q *request) string {
	name, e := trailName(q)
	if e != nil || strings.HasPrefix(name, "arn:") {
		return name
	}
	return "arn:" + q.index.partition + ":cloudtrail:" + q.region + ":" + q.caller.id + ":trail/" + name
}

// trail finds a trail the caller can see in the region: by name one of its own that is at home here, by ARN any.
func (q *request) trail(name string) *trail {
	if !strings.HasPrefix(name, "arn:") {
		return q.caller.own(q.region, name)
	}
	for t := range q.index.visible(q.caller.member, q.region, true) {
		if t.arn == name {
			return t
		}
	}
	return nil
}

func listTags(q *request, out []byte) ([]byte, *apiError) {
	var in struct {
		ResourceIDs []string `json:"ResourceIdList"`
	}
	if e := q.decode(&in); e != nil {
		return nil, e
	}
	if n := len(in.ResourceIDs); n == 0 || n > maxTagResources {
		return nil, invalid("ValidationException",
			"resourceIdList must have 1 to "+strconv.Itoa(maxTagResources)+" elements, not "+strconv.Itoa(n)+".")
	}
	out = append(out, `{"ResourceTagList":[`...)
	for i, arn := range in.ResourceIDs {
		t, e := q.taggedTrail(arn)
		if e != nil {
			return nil, e
		}
		out = join(out, i, t.tags)
	}
	out = append(out, ']')
	if q.fault == RepeatingToken {
		out = append(out, `,"NextToken":"`+repeatingToken+`"`...)
	}
	return append(out, '}'), nil
}

// taggedTrail finds a trail to list its tags, which must be the caller's and at home in the region.
func (q *request) taggedTrail(arn string) (*trail, *apiError) {
	parts := strings.SplitN(arn, ":", 6)
	if len(parts) < 6 || !strings.HasPrefix(parts[5], "trail/") {
		return nil, malformedARN(arn)
	}
	if parts[4] != q.caller.id {
		return nil, q.foreignAccount()
	}
	if parts[3] != q.region {
		return nil, invalid("CloudTrailARNInvalidException",
			"Region in ARN is wrong, you can only access resources in region "+q.region+".")
	}
	t := q.caller.own(q.region, strings.TrimPrefix(parts[5], "trail/"))
	if t == nil {
		return nil, invalid("ResourceNotFoundException", "Unknown trail: "+arn+" for the user: "+q.caller.id)
	}
	return t, nil
}

func (q *request) unknownTrail(name string) *apiError {
	return invalid("TrailNotFoundException", "Unknown trail: "+name+" for the user: "+q.caller.id)
}

func (q *request) foreignAccount() *apiError {
	return invalid("CloudTrailARNInvalidException",
		"AccountID in ARN is wrong, you can only access resources with AccountID "+q.caller.id+".")
}

func malformedARN(arn string) *apiError {
	return invalid("CloudTrailARNInvalidException", "The ARN "+arn+" is not that of a trail.")
}

var trailNames = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._-]{1,126}[A-Za-z0-9]$`)

// checkTrail refuses what can be neither the name nor the ARN of a trail.
func checkTrail(name string) *apiError {
	if strings.HasPrefix(name, "arn:") {
		if strings.Count(name, ":") != 5 || !strings.Contains(name, ":trail/") {
			return malformedARN(name)
		}
		return nil
	}
	if !trailNames.MatchString(name) {
		return invalid("InvalidTrailNameException", "Trail name must have 3 to 128 letters, digits, periods, underscores "+
			"and dashes, and begin and end with a letter or digit.")
	}
	return nil
}

// trailDescription is a trail in the answer of DescribeTrails.
type trailDescription struct {
	Name                       string
	S3BucketName               *string `json:",omitempty"`
	S3KeyPrefix                *string `json:",omitempty"`
	SnsTopicName               *string `json:",omitempty"`
	SnsTopicARN                *string `json:",omitempty"`
	IncludeGlobalServiceEvents bool
	IsMultiRegionTrail         bool
	HomeRegion                 string
	TrailARN                   string
	LogFileValidationEnabled   bool
	CloudWatchLogsLogGroupArn  *string `json:",omitempty"`
	CloudWatchLogsRoleArn      *string `json:",omitempty"`
	KMSKeyID                   *string `json:"KmsKeyId,omitempty"`
	HasCustomEventSelectors    bool
	HasInsightSelectors        bool
	IsOrganizationTrail        bool
}

func describeTrail(arn string, t *Trail) trailDescription {
	optional := func(s string) *string {
		if s == "" && !t.EmptyStrings {
			return nil
		}
		return &s
	}
	return trailDescription{
		Name:                       t.Name,
		S3BucketName:               optional(t.S3BucketName),
		S3KeyPrefix:                optional(t.S3KeyPrefix),
		SnsTopicName:               optional(t.SNSTopicARN[strings.LastIndexByte(t.SNSTopicARN, ':')+1:]),
		SnsTopicARN:                optional(t.SNSTopicARN),
		IncludeGlobalServiceEvents: t.IncludeGlobalServiceEvents,
		IsMultiRegionTrail:         t.MultiRegion,
		HomeRegion:                 t.HomeRegion,
		TrailARN:                   arn,
		LogFileValidationEnabled:   t.LogFileValidation,
		CloudWatchLogsLogGroupArn:  optional(t.CloudWatchLogsLogGroupARN),
		CloudWatchLogsRoleArn:      optional(t.CloudWatchLogsRoleARN),
		KMSKeyID:                   optional(t.KMSKeyID),
		HasCustomEventSelectors:    t.CustomEventSelectors,
		HasInsightSelectors:        t.InsightSelectors,
		IsOrganizationTrail:        t.Organization,
	}
}

// statusDescription is the answer of GetTrailStatus.
type statusDescription struct {
	IsLogging                         bool
	LatestDeliveryError               string `json:",omitempty"`
	LatestNotificationError           string `json:",omitempty"`
	LatestDeliveryTime                epoch  `json:",omitzero"`
	LatestNotificationTime            epoch  `json:",omitzero"`
	StartLoggingTime                  epoch  `json:",omitzero"`
	StopLoggingTime                   epoch  `json:",omitzero"`
	LatestCloudWatchLogsDeliveryError string `json:",omitempty"`
	LatestCloudWatchLogsDeliveryTime  epoch  `json:",omitzero"`
	LatestDigestDeliveryTime          epoch  `json:",omitzero"`
	LatestDigestDeliveryError         string `json:",omitempty"`

	// What AWS has long ceased to use and still sends.
	LatestDeliveryAttemptTime          string
	LatestNotificationAttemptTime      string
	LatestNotificationAttemptSucceeded string
	LatestDeliveryAttemptSucceeded     string
	TimeLoggingStarted                 string
	TimeLoggingStopped                 string
}

func describeStatus(s *Status) statusDescription {
	legacy := func(t time.Time) string {
		if t.IsZero() {
			return ""
		}
		return t.UTC().Format(time.RFC3339)
	}
	return statusDescription{
		IsLogging:                         s.Logging,
		LatestDeliveryError:               s.LatestDeliveryError,
		LatestNotificationError:           s.LatestNotificationError,
		LatestDeliveryTime:                epoch(s.LatestDelivery),
		LatestNotificationTime:            epoch(s.LatestNotification),
		StartLoggingTime:                  epoch(s.StartLogging),
		StopLoggingTime:                   epoch(s.StopLogging),
		LatestCloudWatchLogsDeliveryError: s.LatestCloudWatchLogsError,
		LatestCloudWatchLogsDeliveryTime:  epoch(s.LatestCloudWatchLogsDelivery),
		LatestDigestDeliveryTime:          epoch(s.LatestDigestDelivery),
		LatestDigestDeliveryError:         s.LatestDigestDeliveryError,
		LatestDeliveryAttemptTime:         legacy(s.LatestDelivery),
		TimeLoggingStarted:                legacy(s.StartLogging),
		TimeLoggingStopped:                legacy(s.StopLogging),
	}
}

// selectorsDescription is the answer of GetEventSelectors.
type selectorsDescription struct {
	TrailARN               string
	EventSelectors         *[]selectorDescription   `json:",omitempty"`
	AdvancedEventSelectors *[]AdvancedEventSelector `json:",omitempty"`
}

// selectorDescription is a basic event selector in it.
type selectorDescription struct {
	ReadWriteType                 string
	IncludeManagementEvents       bool
	DataResources                 []DataResource
	ExcludeManagementEventSources []string
}

func describeSelectors(arn string, t *Trail) selectorsDescription {
	d := selectorsDescription{TrailARN: arn}
	if t.AdvancedEventSelectors != nil {
		d.AdvancedEventSelectors = &t.AdvancedEventSelectors
	}
	basic := t.EventSelectors
	if basic == nil && d.AdvancedEventSelectors == nil {
		basic = []EventSelector{{IncludeManagementEvents: true}}
	}
	if basic != nil {
		list := make([]selectorDescription, len(basic))
		for i, s := range basic {
			list[i] = selectorDescription{
				ReadWriteType:                 cmp.Or(s.ReadWriteType, "All"),
				IncludeManagementEvents:       s.IncludeManagementEvents,
				DataResources:                 append([]DataResource{}, s.DataResources...),
				ExcludeManagementEventSources: append([]string{}, s.ExcludeManagementEventSources...),
			}
		}
		d.EventSelectors = &list
	}
	return d
}

// tag is a tag as CloudTrail writes it.
type tag struct {
	Key   string
	Value string
}

// tagDescription is a trail in the answer of ListTags.
type tagDescription struct {
	ResourceID string `json:"ResourceId"`
	TagsList   []tag
}

func describeTags(arn string, tags map[string]string) tagDescription {
	d := tagDescription{ResourceID: arn, TagsList: []tag{}}
	for _, key := range slices.Sorted(maps.Keys(tags)) {
		d.TagsList = append(d.TagsList, tag{key, tags[key]})
	}
	return d
}
