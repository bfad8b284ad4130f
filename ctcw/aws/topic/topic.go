// Package topic asks SNS about the topics that alarms tell.
package topic

import (
	"context"
	"strconv"

	"github.com/aws/aws-sdk-go-v2/aws/arn"
	"github.com/aws/aws-sdk-go-v2/service/sns"

	"github.com/ctcw/steampipe-plugin-ctcw/ctcw/aws/account"
	"github.com/ctcw/steampipe-plugin-ctcw/ctcw/aws/awserr"
)

// Subscriptions are how many a topic has: someone has confirmed to be told, or has not yet.
type Subscriptions struct {
	Confirmed, Pending int
	Gone               bool // there is no such topic
}

// Place returns the account and the region in a topic's ARN; empty when it is none.
func Place(topicARN string) (accountID, region string) {
	a, err := arn.Parse(topicARN)
	if err != nil || a.Service != "sns" {
		return "", ""
	}
	return a.AccountID, a.Region
}

// Get asks GetTopicAttributes in the region of the topic.
func Get(ctx context.Context, of account.Regional, topicARN string) (Subscriptions, error) {
	_, region := Place(topicARN)
	out, err := sns.NewFromConfig(of.In(region)).GetTopicAttributes(ctx, &sns.GetTopicAttributesInput{TopicArn: &topicARN})
	switch awserr.Code(err) {
	case "":
	case "NotFound", "NotFoundException":
		return Subscriptions{Gone: true}, nil
	default:
		return Subscriptions{}, err
	}
	confirmed, err := strconv.Atoi(out.Attributes["SubscriptionsConfirmed"])
	if err != nil {
		return Subscriptions{}, awserr.InvalidResponse("GetTopicAttributes did not say how many subscriptions are confirmed")
	}
	pending, err := strconv.Atoi(out.Attributes["SubscriptionsPending"])
	if err != nil {
		return Subscriptions{}, awserr.InvalidResponse("GetTopicAttributes did not say how many subscriptions are pending")
	}
	return Subscriptions{Confirmed: confirmed, Pending: pending}, nil
}
