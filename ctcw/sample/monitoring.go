package sample

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// eventClass is one of the kinds of events that CIS wants someone to be told of.
type eventClass struct{ name, pattern string }

// eventClasses are in the order of the CIS items, each with a pattern that matches all events of its class and little else.
var eventClasses = []eventClass{
	{"unauthorized_api_calls", `{ ($.errorCode = "*UnauthorizedOperation") || ($.errorCode = "AccessDenied*") }`},
	{"console_sign_in_without_mfa", `{ ($.eventName = "ConsoleLogin") && ($.additionalEventData.MFAUsed != "Yes") && ` +
		`($.userIdentity.type = "IAMUser") && ($.responseElements.ConsoleLogin = "Success") }`},
	{"root_usage", `{ $.userIdentity.type = "Root" && $.userIdentity.invokedBy NOT EXISTS && $.eventType != "AwsServiceEvent" }`},
	{"iam_policy_changes", events("iam.amazonaws.com", `DeleteGroupPolicy DeleteRolePolicy DeleteUserPolicy PutGroupPolicy PutRolePolicy PutUserPolicy
		CreatePolicy DeletePolicy CreatePolicyVersion DeletePolicyVersion AttachRolePolicy DetachRolePolicy AttachUserPolicy DetachUserPolicy
		AttachGroupPolicy DetachGroupPolicy`)},
	{"cloudtrail_changes", events("", "CreateTrail UpdateTrail DeleteTrail StartLogging StopLogging")},
	{"console_authentication_failures", `{ ($.eventName = ConsoleLogin) && ($.errorMessage = "Failed authentication") }`},
	{"kms_key_deletion", events("kms.amazonaws.com", "DisableKey ScheduleKeyDeletion")},
	{"s3_bucket_policy_changes", events("s3.amazonaws.com", `PutBucketAcl PutBucketPolicy PutBucketCors PutBucketLifecycle PutBucketReplication
		DeleteBucketPolicy DeleteBucketCors DeleteBucketLifecycle DeleteBucketReplication`)},
	{"config_changes", events("config.amazonaws.com", "StopConfigurationRecorder DeleteDeliveryChannel PutDeliveryChannel PutConfigurationRecorder")},
	{"security_group_changes", events("", `AuthorizeSecurityGroupIngress AuthorizeSecurityGroupEgress RevokeSecurityGroupIngress
		RevokeSecurityGroupEgress CreateSecurityGroup DeleteSecurityGroup ModifySecurityGroupRules`)},
	{"nacl_changes", events("", `CreateNetworkAcl CreateNetworkAclEntry DeleteNetworkAcl DeleteNetworkAclEntry ReplaceNetworkAclEntry
		ReplaceNetworkAclAssociation`)},
	{"network_gateway_changes", events("", `CreateCustomerGateway DeleteCustomerGateway AttachInternetGateway CreateInternetGateway
		DeleteInternetGateway DetachInternetGateway`)},
	{"route_table_changes", events("ec2.amazonaws.com", `CreateRoute CreateRouteTable ReplaceRoute ReplaceRouteTableAssociation DeleteRouteTable
		DeleteRoute DisassociateRouteTable`)},
	{"vpc_changes", events("", `CreateVpc DeleteVpc ModifyVpcAttribute AcceptVpcPeeringConnection CreateVpcPeeringConnection
		DeleteVpcPeeringConnection RejectVpcPeeringConnection AttachClassicLinkVpc DetachClassicLinkVpc DisableVpcClassicLink EnableVpcClassicLink`)},
	{"organizations_changes", events("organizations.amazonaws.com", `AcceptHandshake AttachPolicy CreateAccount CreateOrganizationalUnit CreatePolicy
		DeclineHandshake DeleteOrganization DeleteOrganizationalUnit DeletePolicy DetachPolicy DisablePolicyType EnablePolicyType
		InviteAccountToOrganization LeaveOrganization MoveAccount RemoveAccountFromOrganization UpdatePolicy UpdateOrganizationalUnit`)},
}

// events is a pattern for the named events of a source, or of any source when none is named.
func events(source, names string) string {
	var each []string
	for name := range strings.FieldsSeq(names) {
		each = append(each, "($.eventName = "+name+")")
	}
	pattern := strings.Join(each, " || ")
	if source != "" {
		pattern = "($.eventSource = " + source + ") && (" + pattern + ")"
	}
	return "{ " + pattern + " }"
}

// EventClasses are the names of the fifteen kinds of events that CIS wants someone to be told of, in the order of its items.
func EventClasses() []string {
	var names []string
	for _, c := range eventClasses {
		names = append(names, c.name)
	}
	return names
}

// EventPattern is a filter pattern for a class of events that matches all of them and no everyday event; empty for a class that
// does not exist.
func EventPattern(class string) string {
	for _, c := range eventClasses {
		if c.name == class {
			return c.pattern
		}
	}
	return ""
}

// Monitoring is what hangs on a log group so that someone is told. A test changes a part of it to break a chain.
type Monitoring struct {
	Filters map[string]*MetricFilter // by class of events
	Alarms  map[string]*Alarm        // likewise
	Topic   *Topic
}

// alarmTopic is the name of the topic that alarms notify.
const alarmTopic = "security-alarms"

// Monitor makes a whole chain for every class of events that arrives in a log group of the account: a metric filter, an alarm on
// its metric that one event fires, and a topic with a confirmed subscription. The topic is one for all log groups of the account
// and region. Nothing else about the log group changes, not even its MetricFilterCount.
func (o *Organization) Monitor(a *Account, g *LogGroup, now time.Time) *Monitoring {
	m := &Monitoring{Filters: map[string]*MetricFilter{}, Alarms: map[string]*Alarm{}, Topic: a.topic(alarmTopic, g.Region)}
	for _, class := range eventClasses {
		m.add(o, a, g, class, now)
	}
	return m
}

// topic finds a topic of the account or adds one with a confirmed subscription.
func (a *Account) topic(name, region string) *Topic {
	if i := slices.IndexFunc(a.Topics, func(t *Topic) bool { return t.Name == name && t.Region == region }); i >= 0 {
		return a.Topics[i]
	}
	t := &Topic{Name: name, Region: region, Confirmed: 1}
	a.Topics = append(a.Topics, t)
	return t
}

// add makes the chain of one class.
func (m *Monitoring) add(o *Organization, a *Account, g *LogGroup, class eventClass, now time.Time) {
	made := now.AddDate(-1, 0, 0)
	f := &MetricFilter{
		Name:    class.name,
		Pattern: class.pattern,
		Metric:  Metric{Namespace: "CIS/" + g.Name, Name: class.name},
		Created: made,
	}
	g.MetricFilters = append(g.MetricFilters, f)
	alarm := &Alarm{
		Name:             g.Name + "/" + class.name,
		Region:           g.Region,
		Description:      "Tells of " + strings.ReplaceAll(class.name, "_", " "),
		Namespace:        f.Metric.Namespace,
		MetricName:       f.Metric.Name,
		Threshold:        1,
		TreatMissingData: "notBreaching",
		AlarmActions:     []string{o.TopicARN(a.ID, m.Topic.Region, m.Topic.Name)},
		StateReason:      "no datapoints were received for 1 period and 1 missing datapoint was treated as [NonBreaching].",
		StateUpdated:     now.Add(-40 * time.Hour),
		Updated:          made,
	}
	a.Alarms = append(a.Alarms, alarm)
	m.Filters[class.name], m.Alarms[class.name] = f, alarm
}

// StreamName is the name that CloudTrail gives to the log stream of an account's events in a region; number is 2 and more for
// further ones.
func (o *Organization) StreamName(t *Trail, account, region string, number int) string {
	name := account + "_CloudTrail_" + region
	if t.Organization {
		name = o.ID + "_" + name
	}
	if number > 1 {
		name += fmt.Sprintf("_%d", number)
	}
	return name
}

// Arrive adds to a log group a stream of each account in each region, as if the trail had delivered there for a year and a minute
// ago. It returns them, in the order of accounts and regions, to change.
func (o *Organization) Arrive(t *Trail, g *LogGroup, now time.Time, accounts, regions []string) []Stream {
	began := len(g.Streams)
	g.Streams = slices.Grow(g.Streams, len(accounts)*len(regions))
	made := now.AddDate(-1, 0, 0)
	for _, account := range accounts {
		for _, region := range regions {
			g.Streams = append(g.Streams, Stream{
				Name:       o.StreamName(t, account, region, 1),
				Created:    made,
				FirstEvent: made.Add(-5 * time.Minute),
				LastEvent:  now.Add(-6 * time.Minute),
				LastIngest: now.Add(-time.Minute),
			})
		}
	}
	return g.Streams[began:]
}
