package sample

import (
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
)

const snsNamespace = "http://sns.amazonaws.com/doc/2010-03-31/"

var sns = newSNSService()

// newSNSService makes SNS, which has its own words for some of the common errors.
func newSNSService() *service {
	s := newQueryService("sns", formatQuery, snsNamespace, map[string]operation{
		"GetTopicAttributes": {
			action: "sns:GetTopicAttributes", set: AlarmActions, denied: "SNS:GetTopicAttributes",
			run: getTopicAttributes, resource: topicAsked,
		},
	})
	s.accessDenied.code = "AuthorizationError"
	return s
}

func getTopicAttributes(q *request, out []byte) ([]byte, *apiError) {
	arn := q.form.Get("TopicArn")
	parts := strings.Split(arn, ":")
	if len(parts) != 6 || parts[0] != "arn" || parts[2] != "sns" || parts[5] == "" {
		return nil, invalid("InvalidParameter", "Invalid parameter: TopicArn Reason: An ARN must have at least 6 elements, not "+strconv.Itoa(len(parts)))
	}
	if parts[3] != q.region {
		return nil, invalid("InvalidParameter", "Invalid parameter: TopicArn")
	}
	t := q.index.topic(arn, parts[4])
	if parts[4] != q.caller.id && (t == nil || !slices.Contains(t.Readers, q.caller.id)) {
		// Whether there is such a topic is not told to others.
		e := q.service.accessDenied
		e.message = "User: " + q.caller.arn + " is not authorized to perform: SNS:GetTopicAttributes on resource: " + arn +
			" because no resource-based policy allows the SNS:GetTopicAttributes action"
		return nil, &e
	}
	if t == nil {
		return nil, &apiError{http.StatusNotFound, "NotFound", "Topic does not exist"}
	}

	out = append(out, `<GetTopicAttributesResponse xmlns="`+snsNamespace+`"><GetTopicAttributesResult><Attributes>`...)
	for _, a := range t.attributes(arn, parts[4]) {
		out = appendEntry(out, a[0], a[1])
	}
	if q.fault == HugePage {
		for i := range hugePage {
			out = appendEntry(out, fmt.Sprintf("Huge%04d", i+1), "huge")
		}
	}
	return append(out, `</Attributes></GetTopicAttributesResult><ResponseMetadata><RequestId>`+q.id+
		`</RequestId></ResponseMetadata></GetTopicAttributesResponse>`...), nil
}

// appendEntry appends an entry of a map in XML.
func appendEntry(out []byte, key, value string) []byte {
	return append(out, `<entry><key>`+escape(key)+`</key><value>`+escape(value)+`</value></entry>`...)
}

// attributes are those that every topic has and those that this one has.
func (t *Topic) attributes(arn, owner string) [][2]string {
	attributes := [][2]string{
		{"TopicArn", arn},
		{"Owner", owner},
		{"DisplayName", t.DisplayName},
		{"SubscriptionsConfirmed", strconv.Itoa(t.Confirmed)},
		{"SubscriptionsPending", strconv.Itoa(t.Pending)},
		{"SubscriptionsDeleted", strconv.Itoa(t.Deleted)},
		{"Policy", `{"Version":"2008-10-17","Id":"__default_policy_ID","Statement":[]}`},
		{"EffectiveDeliveryPolicy", `{"http":{"defaultHealthyRetryPolicy":{"minDelayTarget":20,"maxDelayTarget":20,"numRetries":3}}}`},
	}
	if t.KMSKeyID != "" {
		attributes = append(attributes, [2]string{"KmsMasterKeyId", t.KMSKeyID})
	}
	return attributes
}

// topicAsked is the topic that GetTopicAttributes is asked about.
func topicAsked(q *request) string { return q.form.Get("TopicArn") }

// topic finds a topic by its ARN and the account in it; nil when there is none.
func (x *index) topic(arn, account string) *Topic {
	if m := x.byID[account]; m != nil {
		return m.topics[arn]
	}
	return nil
}

// indexTopics copies an account's topics, by ARN.
func indexTopics(org *Organization, a *Account) map[string]*Topic {
	if len(a.Topics) == 0 {
		return nil
	}
	topics := make(map[string]*Topic, len(a.Topics))
	for _, t := range a.Topics {
		topic := *t
		topic.Readers = slices.Clone(topic.Readers)
		topics[org.TopicARN(a.ID, t.Region, t.Name)] = &topic
	}
	return topics
}
