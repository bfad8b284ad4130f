package sample_test

import (
	"errors"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sns"
	"github.com/aws/aws-sdk-go-v2/service/sns/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/ctcw/steampipe-plugin-ctcw/ctcw/sample"
)

func TestGetTopicAttributes(t *testing.T) {
	org := small()
	org.Account("top").Topics = []*sample.Topic{
		{Name: "security", Region: "us-east-1", Confirmed: 2, Pending: 1, Deleted: 3, DisplayName: "R&D <security>", KMSKeyID: "alias/key"},
		{Name: "shared", Region: "us-east-1", Readers: []string{"222222222222"}},
	}
	s := serve(t, org)
	const prefix = "arn:aws:sns:us-east-1:111111111111:"
	tests := []struct{ name, account, region, topic, want string }{
		{"own", "top", "us-east-1", topicARN, ""},
		{"deleted", "top", "us-east-1", prefix + "gone", "NotFound"},
		{"another region", "top", "eu-west-1", topicARN, "InvalidParameter"},
		{"another account's", "member", "us-east-1", topicARN, "AuthorizationError"},
		{"another account's that it may read", "member", "us-east-1", prefix + "shared", ""},
		{"another account's that is gone", "member", "us-east-1", prefix + "gone", "AuthorizationError"},
		{"an account that is not known", "top", "us-east-1", "arn:aws:sns:us-east-1:999999999999:topic", "AuthorizationError"},
		{"not an ARN", "top", "us-east-1", "security", "InvalidParameter"},
		{"a subscription", "top", "us-east-1", topicARN + ":0b5c8a7e", "InvalidParameter"},
		{"a queue", "top", "us-east-1", "arn:aws:sqs:us-east-1:111111111111:security", "InvalidParameter"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			_, err := as(t, s, org.Account(test.account), test.region).sns.GetTopicAttributes(t.Context(),
				&sns.GetTopicAttributesInput{TopicArn: &test.topic})
			assert.Equal(t, test.want, code(err))
		})
	}

	c := as(t, s, org.Account("top"), "us-east-1").sns
	out, err := c.GetTopicAttributes(t.Context(), &sns.GetTopicAttributesInput{TopicArn: aws.String(topicARN)})
	require.NoError(t, err)
	for name, want := range map[string]string{
		"TopicArn": topicARN, "Owner": "111111111111", "DisplayName": "R&D <security>", "KmsMasterKeyId": "alias/key",
		"SubscriptionsConfirmed": "2", "SubscriptionsPending": "1", "SubscriptionsDeleted": "3",
	} {
		assert.Equal(t, want, out.Attributes[name], name)
	}
	assert.JSONEq(t, `{"Version":"2008-10-17","Id":"__default_policy_ID","Statement":[]}`, out.Attributes["Policy"])

	_, err = c.GetTopicAttributes(t.Context(), &sns.GetTopicAttributesInput{TopicArn: aws.String(prefix + "gone")})
	var gone *types.NotFoundException
	require.True(t, errors.As(err, &gone))
	assert.Equal(t, "Topic does not exist", gone.ErrorMessage())
}
