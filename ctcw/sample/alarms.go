package sample

import "time"

// Alarm is a metric alarm. It watches a metric by namespace, name and dimensions, or else the Metrics that an expression is about,
// or else a PromQL query.
type Alarm struct {
	Name        string
	Region      string
	Description string

	Namespace  string
	MetricName string
	Dimensions map[string]string
	Statistic  string // Sum unless set or ExtendedStatistic is
	// ExtendedStatistic is a percentile, as in p99.
	ExtendedStatistic string
	Unit              string
	Period            int32 // in seconds; 300 unless set

	Metrics []MetricQuery
	// ThresholdMetricID is the id of the anomaly detection band that takes the place of Threshold.
	ThresholdMetricID string
	PromQL            string

	Comparison        string // GreaterThanOrEqualToThreshold unless set
	Threshold         float64
	EvaluationPeriods int32 // 1 unless set
	DatapointsToAlarm int32
	TreatMissingData  string

	// ActionsDisabled is the contrary of AWS's ActionsEnabled, which is true unless someone says otherwise.
	ActionsDisabled         bool
	AlarmActions            []string
	OKActions               []string
	InsufficientDataActions []string

	State        string // OK unless set
	StateReason  string
	StateUpdated time.Time
	Updated      time.Time // its configuration
}

// MetricQuery is a metric or an expression in the metric math of an alarm. The one that is alarmed has ReturnData.
type MetricQuery struct {
	ID         string
	Expression string
	Label      string
	ReturnData bool

	// AccountID is the account that has the metric, when it is another one.
	AccountID string

	// A metric has these, an expression has not.
	Namespace  string
	MetricName string
	Dimensions map[string]string
	Statistic  string
	Unit       string

	Period int32
}

// CompositeAlarm is an alarm on the states of other alarms.
type CompositeAlarm struct {
	Name        string
	Region      string
	Description string
	Rule        string // as in ALARM("one") OR ALARM("another")

	ActionsDisabled         bool
	AlarmActions            []string
	OKActions               []string
	InsufficientDataActions []string

	// Suppressor is the name or ARN of the alarm that suppresses the actions while it is in the ALARM state.
	Suppressor                 string
	SuppressorWaitSeconds      int32
	SuppressorExtensionSeconds int32
	SuppressedBy               string // Alarm, WaitPeriod or ExtensionPeriod while the actions are suppressed
	SuppressedReason           string

	State        string // OK unless set
	StateReason  string
	StateUpdated time.Time
	Updated      time.Time
}

// LogAlarm is an alarm on the results of a scheduled query over log groups.
type LogAlarm struct {
	Name        string
	Region      string
	Description string

	Query       string
	Aggregation string   // count(*) unless set
	LogGroups   []string // names or ARNs
	RoleARN     string

	Comparison string // GreaterThanOrEqualToThreshold unless set
	Threshold  float64

	ActionsDisabled         bool
	AlarmActions            []string
	OKActions               []string
	InsufficientDataActions []string

	State        string // OK unless set
	StateReason  string
	StateUpdated time.Time
	Updated      time.Time
}

// MuteRule is an alarm mute rule: while it is active, the actions of its alarms are not taken.
type MuteRule struct {
	Name        string
	Region      string
	Description string
	Alarms      []string // by name

	Status     string // SCHEDULED, EXPIRED, or ACTIVE unless set
	Expression string // as in cron(0 2 * * *) or at(2026-05-10T14:00)
	Duration   string // as in PT4H
	Timezone   string

	Start, Expire time.Time // not set when they have no bound
	Updated       time.Time
}

// Topic is an SNS topic.
type Topic struct {
	Name        string
	Region      string
	DisplayName string
	KMSKeyID    string

	// Confirmed, Pending and Deleted are how many subscriptions it has of each kind.
	Confirmed, Pending, Deleted int

	// Readers are the other accounts that its policy lets read its attributes.
	Readers []string
}
