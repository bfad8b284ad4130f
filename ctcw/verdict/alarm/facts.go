package alarm

// GroupFacts is what AWS says of one log group and of the alarms of its account and region.
type GroupFacts struct {
	Name      string
	Region    string
	AccountID string
	Partition string // e.g. aws, aws-cn, aws-us-gov
	// Organization is set when an organization trail writes to the group: events of other accounts come too.
	Organization bool

	Filters      []Filter // DescribeMetricFilters of the log group
	FiltersError string   // code and message; Filters do not count then

	// DescribeAlarms of the log group's account and region.
	MetricAlarms []MetricAlarm
	Composites   []CompositeAlarm
	LogAlarms    []string          // names; which events they watch is not judged
	Muted        map[string]string // alarm name → mute rule that is active now
	AlarmsError  string            // code and message; the alarms do not count then

	// Topics by ARN: those that the alarms tell. One that is missing here counts as not read.
	Topics map[string]Topic
}

// Filter is a metric filter.
type Filter struct {
	Name            string
	Pattern         string
	Transformations []Transformation
	// ApplyOnTransformedLogs: the pattern sees what the log group's transformer made of the event.
	ApplyOnTransformedLogs bool
	// FieldSelectionCriteria narrows the filter, e.g. `@aws.region = "us-east-1"`.
	FieldSelectionCriteria string
	// EmitSystemFieldDimensions: @aws.account, @aws.region become dimensions of the metrics.
	EmitSystemFieldDimensions []string
}

// Transformation is a metric that a filter publishes.
type Transformation struct {
	Namespace    string
	MetricName   string
	Value        string            // a number, or a field of the event as in $.size
	DefaultValue *float64          // published for a minute without a match; nil when none
	Dimensions   map[string]string // name → field of the event, as in $.awsRegion
	Unit         string            // empty means None
}

// MetricAlarm is an alarm on a metric or on an expression of several.
type MetricAlarm struct {
	Name           string
	ARN            string
	State          string // OK, ALARM, INSUFFICIENT_DATA
	ActionsEnabled bool
	AlarmActions   []string // ARNs, for the ALARM state
	OtherActions   []string // ARNs, for the OK and INSUFFICIENT_DATA states

	// The metric; empty when Metrics or Query is set.
	Namespace  string
	MetricName string
	Dimensions map[string]string
	Statistic  string // Sum, …, or an extended statistic such as p90
	Unit       string // empty means any
	Period     int    // seconds

	Metrics []MetricQuery
	Query   string // of a PromQL alarm

	ComparisonOperator string
	Threshold          float64
	ThresholdMetricID  string // set when the threshold is an anomaly detection band
	EvaluationPeriods  int
	DatapointsToAlarm  int    // 0 means all periods
	TreatMissingData   string // breaching, notBreaching, ignore, missing; empty means missing
}

// MetricQuery is one of the metrics and expressions of an alarm.
type MetricQuery struct {
	ID         string
	AccountID  string // empty means the alarm's
	ReturnData bool   // AWS's default is true
	Expression string

	// The metric; empty when Expression is set.
	Namespace  string
	MetricName string
	Dimensions map[string]string
	Statistic  string
	Unit       string
	Period     int // seconds; of an expression too
}

// CompositeAlarm is an alarm on the states of others.
type CompositeAlarm struct {
	Name           string
	ARN            string
	State          string
	Rule           string
	ActionsEnabled bool
	AlarmActions   []string
	OtherActions   []string
	Suppressor     string // name or ARN of the alarm that suppresses its actions
	SuppressedBy   string // Alarm, WaitPeriod, ExtensionPeriod while they are suppressed
}

// Topic is what GetTopicAttributes says of an SNS topic.
type Topic struct {
	Confirmed int
	Pending   int
	Gone      bool
	Error     string // code and message; the rest does not count then
}
