// Package alarm asks CloudWatch which alarms an account has in a region, and which of them are muted.
package alarm

import (
	"context"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	awsmiddleware "github.com/aws/aws-sdk-go-v2/aws/middleware"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch/types"
	"github.com/aws/smithy-go/middleware"
	smithyhttp "github.com/aws/smithy-go/transport/http"

	"github.com/ctcw/steampipe-plugin-ctcw/ctcw/aws/account"
	"github.com/ctcw/steampipe-plugin-ctcw/ctcw/aws/awserr"
	"github.com/ctcw/steampipe-plugin-ctcw/ctcw/aws/page"
)

// Alarms are those of an account in a region.
type Alarms struct {
	Metric    []types.MetricAlarm
	Composite []types.CompositeAlarm
	Log       []string          // names of log alarms, which watch a Logs Insights query
	Muted     map[string]string // alarm's name → the mute rule that is active now
	// MuteError says why the mute rules are not known, where that is no reason to doubt the alarms.
	MuteError error
}

// List asks DescribeAlarms for all kinds of alarms, and for the mute rules that are active. An endpoint that knows
// neither log alarms nor mute rules has none. A denial of the latter leaves them out, as they are newer than what many
// policies allow, and so does an emulator that fails at what it does not know; MuteError then says so.
func List(ctx context.Context, of account.Regional, region string) (Alarms, error) {
	client := cloudwatch.NewFromConfig(of.In(region))
	all, err := describe(ctx, client, types.AlarmTypeMetricAlarm, types.AlarmTypeCompositeAlarm, types.AlarmTypeLogAlarm)
	if awserr.Code(err) == "ValidationError" || awserr.Code(err) == "InvalidParameterValue" {
		all, err = describe(ctx, client, types.AlarmTypeMetricAlarm, types.AlarmTypeCompositeAlarm)
	}
	if err != nil || len(all.Metric)+len(all.Composite) == 0 {
		return all, err
	}
	all.Muted, err = muted(ctx, client)
	switch {
	case awserr.IsUnknownOperation(err):
		err = nil
	case awserr.IsDenied(err), awserr.IsEmulatorsFailure(err):
		all.MuteError, err = err, nil
	}
	return all, err
}

func describe(ctx context.Context, client *cloudwatch.Client, kinds ...types.AlarmType) (Alarms, error) {
	var all Alarms
	err := page.Each("DescribeAlarms", func(token *string) (*string, error) {
		out, err := client.DescribeAlarms(ctx, &cloudwatch.DescribeAlarmsInput{
			AlarmTypes: kinds, MaxRecords: aws.Int32(100), NextToken: token,
		})
		if err != nil {
			return nil, err
		}
		if out.MetricAlarms == nil && out.CompositeAlarms == nil && out.LogAlarms == nil {
			return nil, awserr.InvalidResponse("DescribeAlarms returned no list of alarms, not even an empty one")
		}
		all.Metric = append(all.Metric, out.MetricAlarms...)
		all.Composite = append(all.Composite, out.CompositeAlarms...)
		for _, a := range out.LogAlarms {
			all.Log = append(all.Log, aws.ToString(a.AlarmName))
		}
		return out.NextToken, nil
	})
	if err != nil {
		return Alarms{}, err
	}
	if slices.ContainsFunc(all.Metric, incomplete) || slices.ContainsFunc(all.Composite, incompleteComposite) {
		return Alarms{}, awserr.InvalidResponse("DescribeAlarms returned an alarm without what every alarm has")
	}
	return all, nil
}

// incomplete reports whether AWS would not describe an alarm so: what is taken for granted may be the other way.
func incomplete(a types.MetricAlarm) bool {
	watches := aws.ToString(a.MetricName) != "" && a.Period != nil || len(a.Metrics) > 0 || a.EvaluationCriteria != nil
	judges := a.EvaluationCriteria != nil || a.ComparisonOperator != "" && a.EvaluationPeriods != nil &&
		(a.Threshold != nil || a.ThresholdMetricId != nil)
	return aws.ToString(a.AlarmName) == "" || a.ActionsEnabled == nil || !watches || !judges
}

func incompleteComposite(a types.CompositeAlarm) bool {
	return aws.ToString(a.AlarmName) == "" || a.ActionsEnabled == nil || aws.ToString(a.AlarmRule) == ""
}

// muted returns the alarms that a mute rule keeps silent now. ListAlarmMuteRules does not say which those are.
func muted(ctx context.Context, client *cloudwatch.Client) (map[string]string, error) {
	all := map[string]string{}
	err := page.Each("ListAlarmMuteRules", func(token *string) (*string, error) {
		out, err := client.ListAlarmMuteRules(ctx, &cloudwatch.ListAlarmMuteRulesInput{
			Statuses: []types.AlarmMuteRuleStatus{types.AlarmMuteRuleStatusActive}, NextToken: token,
		})
		if err != nil {
			return nil, err
		}
		if len(out.AlarmMuteRuleSummaries) == 0 && hasNoBody(out.ResultMetadata) {
			return nil, awserr.InvalidResponse("ListAlarmMuteRules returned nothing at all")
		}
		for _, rule := range out.AlarmMuteRuleSummaries {
			arn := aws.ToString(rule.AlarmMuteRuleArn)
			name := arn[strings.LastIndexByte(arn, ':')+1:]
			if name == "" {
				return nil, awserr.InvalidResponse("ListAlarmMuteRules returned a mute rule without a name")
			}
			got, err := client.GetAlarmMuteRule(ctx, &cloudwatch.GetAlarmMuteRuleInput{AlarmMuteRuleName: &name})
			switch {
			case awserr.Code(err) == "ResourceNotFoundException":
				continue // deleted since it was listed
			case err != nil:
				return nil, err
			case aws.ToString(got.Name) != name:
				return nil, awserr.InvalidResponse("GetAlarmMuteRule returned another mute rule than was asked for, or none")
			}
			if got.MuteTargets != nil {
				for _, alarm := range got.MuteTargets.AlarmNames {
					all[alarm] = name
				}
			}
		}
		return out.NextToken, nil
	})
	return all, err
}

// hasNoBody reports whether an answer was empty. What every API of this kind returns is an object at least.
func hasNoBody(metadata middleware.Metadata) bool {
	response, ok := awsmiddleware.GetRawResponse(metadata).(*smithyhttp.Response)
	return ok && response.ContentLength == 0
}
