package sample

import (
	"cmp"
	"fmt"
	"strings"
	"time"
)

// Organization is what a Server serves: accounts, most of them members of one AWS organization.
type Organization struct {
	// ID is the id of the organization, as in o-acmesample1.
	ID string

	// Management is the id of the management account. Without one there is no organization: every account stands alone.
	Management string

	// DelegatedAdmins are the ids of the accounts that may list the organization too, and assume the roles of its accounts.
	DelegatedAdmins []string

	// Accounts are all accounts the server knows, in the order in which Organizations lists them.
	Accounts []*Account

	// Partition is aws (the default), aws-cn or aws-us-gov.
	Partition string
}

// Account is one AWS account. Only its ID is required: New and Update fill in the name, e-mail address, status and credentials
// that are empty.
type Account struct {
	ID    string
	Name  string
	Email string

	// Status is ACTIVE (the default), SUSPENDED or PENDING_CLOSURE. The credentials and roles of a suspended account do not work.
	Status string

	// Joined is when the account joined the organization.
	Joined time.Time

	// AccessKeyID and SecretAccessKey are the account's static credentials, those of an IAM user.
	AccessKeyID     string
	SecretAccessKey string

	// Regions are the enabled regions; nil means the ones that are enabled by default.
	Regions []string

	Trails    []*Trail
	LogGroups []*LogGroup

	// Alarms, CompositeAlarms and LogAlarms are those of CloudWatch. Their names are unique in a region, whatever their kind.
	Alarms          []*Alarm
	CompositeAlarms []*CompositeAlarm
	LogAlarms       []*LogAlarm
	MuteRules       []*MuteRule

	// Topics are those of SNS.
	Topics []*Topic

	// Denied are the actions that this account's principals may not perform.
	Denied []Denial

	// Roles are the roles that another account may assume here.
	Roles []Role

	// Standalone puts the account outside the organization: it is not listed and sees no organization trail.
	Standalone bool

	// BeforeOrganizationTrails marks a member that the organization trails do not reach yet, as in the minutes after it joined.
	BeforeOrganizationTrails bool

	// OrganizationTrailStatus says what GetTrailStatus and GetEventSelectors answer here about an organization trail of the
	// management account.
	OrganizationTrailStatus OrganizationTrailStatus
}

// OrganizationTrailStatus is what GetTrailStatus and GetEventSelectors answer a member account that asks for an organization
// trail by ARN. AWS has been seen to do each of these.
type OrganizationTrailStatus int

const (
	// StatusReadable answers with the status.
	StatusReadable OrganizationTrailStatus = iota
	// StatusNotFound answers TrailNotFoundException.
	StatusNotFound
	// StatusForeignARN answers CloudTrailARNInvalidException: the account id in the ARN is not the caller's.
	StatusForeignARN
	// StatusDenied answers AccessDeniedException.
	StatusDenied
)

// Denial takes a permission away. Action and Region are globs with * and ?, and an empty one matches everything. GetCallerIdentity
// needs no permission and cannot be denied.
type Denial struct {
	Action string // as in cloudtrail:Describe*
	Region string
	SCP    bool // denied by a service control policy rather than by the lack of an identity-based one
}

// Role is an IAM role that principals of other accounts may assume.
type Role struct {
	// Name is the role's name, with its path if it has one.
	Name string

	// ExternalID is what sts:ExternalId must be, if not empty.
	ExternalID string

	// TrustedAccounts may assume the role; nil means the management account and the delegated administrators.
	TrustedAccounts []string

	// Denied refuses everyone, as a broken trust policy does.
	Denied bool
}

// Trail is a CloudTrail trail. Empty strings are members that the trail does not have.
type Trail struct {
	Name       string
	HomeRegion string

	MultiRegion  bool
	Organization bool

	S3BucketName              string
	S3KeyPrefix               string
	SNSTopicARN               string
	KMSKeyID                  string
	CloudWatchLogsLogGroupARN string // ends in ":*", see Organization.LogGroupARN
	CloudWatchLogsRoleARN     string

	IncludeGlobalServiceEvents bool
	LogFileValidation          bool
	CustomEventSelectors       bool
	InsightSelectors           bool

	// EmptyStrings makes DescribeTrails return "" for the strings the trail does not have, instead of leaving them out. AWS
	// does both.
	EmptyStrings bool

	// EventSelectors or AdvancedEventSelectors say which events the trail records. AWS has either; without any of them it records
	// all management events and answers with the basic selector that says so. An empty list that is not nil stays empty.
	EventSelectors         []EventSelector
	AdvancedEventSelectors []AdvancedEventSelector

	Tags   map[string]string
	Status Status

	// RegionStatus is the status in the regions where it is not Status: GetTrailStatus answers for the region asked only.
	RegionStatus map[string]Status
}

// EventSelector is a basic event selector.
type EventSelector struct {
	ReadWriteType                 string // ReadOnly, WriteOnly, or All unless set
	IncludeManagementEvents       bool
	ExcludeManagementEventSources []string // as in kms.amazonaws.com
	DataResources                 []DataResource
}

// DataResource is a kind of resource whose data events a basic event selector records.
type DataResource struct {
	Type   string // as in AWS::S3::Object
	Values []string
}

// AdvancedEventSelector is an advanced event selector: an event is recorded when all its fields fit.
type AdvancedEventSelector struct {
	Name           string
	FieldSelectors []FieldSelector
}

// FieldSelector is a condition of an advanced event selector.
type FieldSelector struct {
	Field         string   // as in eventCategory, readOnly or eventSource
	Equals        []string `json:",omitempty"`
	StartsWith    []string `json:",omitempty"`
	EndsWith      []string `json:",omitempty"`
	NotEquals     []string `json:",omitempty"`
	NotStartsWith []string `json:",omitempty"`
	NotEndsWith   []string `json:",omitempty"`
}

// Status is what GetTrailStatus says about a trail. A zero time or empty error is left out of the answer.
type Status struct {
	Logging      bool
	StartLogging time.Time
	StopLogging  time.Time // AWS keeps the last one even after logging has been started again

	LatestDelivery               time.Time // to S3
	LatestDeliveryError          string
	LatestNotification           time.Time // to SNS
	LatestNotificationError      string
	LatestDigestDelivery         time.Time
	LatestDigestDeliveryError    string
	LatestCloudWatchLogsDelivery time.Time
	LatestCloudWatchLogsError    string
}

// Healthy is the status of a trail that has been logging for a year and delivered everywhere minutes ago.
func Healthy(now time.Time) Status {
	return Status{
		Logging:                      true,
		StartLogging:                 now.AddDate(-1, 0, 0),
		LatestDelivery:               now.Add(-4 * time.Minute),
		LatestDigestDelivery:         now.Add(-38 * time.Minute),
		LatestCloudWatchLogsDelivery: now.Add(-3 * time.Minute),
	}
}

// LogGroup is a CloudWatch Logs log group.
type LogGroup struct {
	Name            string
	Region          string
	RetentionInDays int32  // 0 means the events never expire
	Class           string // STANDARD unless set
	KMSKeyID        string
	Created         time.Time
	StoredBytes     int64

	// MetricFilterCount is what DescribeLogGroups says; 0 means as many as MetricFilters has.
	MetricFilterCount int32

	MetricFilters []*MetricFilter
	Streams       []Stream
}

// Stream is a log stream of a log group. A zero time is left out of the answer; a stream in which nothing has arrived yet has
// only Created.
type Stream struct {
	Name                              string
	Created                           time.Time
	FirstEvent, LastEvent, LastIngest time.Time
}

// MetricFilter is a metric filter of a log group.
type MetricFilter struct {
	Name    string
	Pattern string
	Metric  Metric
	Created time.Time

	ApplyOnTransformedLogs    bool
	FieldSelectionCriteria    string
	EmitSystemFieldDimensions []string
}

// Metric is what a metric filter publishes.
type Metric struct {
	Namespace string
	Name      string
	Value     string // 1 unless set

	// Default is the value while nothing matches; nil means none.
	Default *float64

	// Dimensions are the names of dimensions and the selectors of their values, as in $.eventName.
	Dimensions map[string]string
	Unit       string
}

// Account finds an account by its id or name; nil when there is none.
func (o *Organization) Account(idOrName string) *Account {
	for _, a := range o.Accounts {
		if a.ID == idOrName || a.Name == idOrName {
			return a
		}
	}
	return nil
}

// TrailARN is the ARN of a trail of that account.
func (o *Organization) TrailARN(account, homeRegion, name string) string {
	return fmt.Sprintf("arn:%s:cloudtrail:%s:%s:trail/%s", o.partition(), homeRegion, account, name)
}

// LogGroupARN is the ARN of a log group with the ":*" at its end, which is the form trails and DescribeLogGroups' arn have.
func (o *Organization) LogGroupARN(account, region, name string) string {
	return fmt.Sprintf("arn:%s:logs:%s:%s:log-group:%s:*", o.partition(), region, account, name)
}

// AlarmARN is the ARN of an alarm of any kind.
func (o *Organization) AlarmARN(account, region, name string) string {
	return fmt.Sprintf("arn:%s:cloudwatch:%s:%s:alarm:%s", o.partition(), region, account, name)
}

// MuteRuleARN is the ARN of a mute rule.
func (o *Organization) MuteRuleARN(account, region, name string) string {
	return fmt.Sprintf("arn:%s:cloudwatch:%s:%s:alarm-mute-rule:%s", o.partition(), region, account, name)
}

// TopicARN is the ARN of a topic, to give to alarms as an action.
func (o *Organization) TopicARN(account, region, name string) string {
	return fmt.Sprintf("arn:%s:sns:%s:%s:%s", o.partition(), region, account, name)
}

// RoleARN is the ARN of a role, to give to AssumeRole.
func (o *Organization) RoleARN(account, role string) string {
	return fmt.Sprintf("arn:%s:iam::%s:role/%s", o.partition(), account, role)
}

func (o *Organization) partition() string {
	return cmp.Or(o.Partition, "aws")
}

// complete fills in what an account may leave out but cannot be served without.
func (o *Organization) complete() {
	for _, a := range o.Accounts {
		a.Status = cmp.Or(a.Status, statusActive)
		a.Name = cmp.Or(a.Name, a.ID)
		a.Email = cmp.Or(a.Email, "aws+"+a.profile()+"@example.com")
		a.AccessKeyID = cmp.Or(a.AccessKeyID, "AKIASAMP"+a.ID) // 20 characters, as every access key id
		a.SecretAccessKey = cmp.Or(a.SecretAccessKey, "sample/this-is-not-a-secret/"+a.ID)
	}
}

// Statuses of an account that matter to the server.
const (
	statusActive    = "ACTIVE"
	statusSuspended = "SUSPENDED"
)

// profile is the name of the account's profile in a credentials file.
func (a *Account) profile() string {
	return strings.ReplaceAll(a.Name, " ", "-")
}
