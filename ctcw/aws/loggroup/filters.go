package loggroup

import (
	"context"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs/types"

	"github.com/ctcw/steampipe-plugin-ctcw/ctcw/aws/account"
	"github.com/ctcw/steampipe-plugin-ctcw/ctcw/aws/awserr"
	"github.com/ctcw/steampipe-plugin-ctcw/ctcw/aws/page"
)

func nameless(t types.MetricTransformation) bool {
	return aws.ToString(t.MetricName) == "" || aws.ToString(t.MetricNamespace) == ""
}

// MetricFilters asks DescribeMetricFilters for those of a log group. A log group that does not exist has none.
func MetricFilters(ctx context.Context, of account.Regional, ref Ref) ([]types.MetricFilter, error) {
	client := cloudwatchlogs.NewFromConfig(of.In(ref.Region))
	all := []types.MetricFilter{}
	err := page.Each("DescribeMetricFilters", func(token *string) (*string, error) {
		out, err := client.DescribeMetricFilters(ctx, &cloudwatchlogs.DescribeMetricFiltersInput{
			LogGroupName: &ref.Name, Limit: aws.Int32(50), NextToken: token,
		})
		if err != nil {
			return nil, err
		}
		if out.MetricFilters == nil {
			return nil, awserr.InvalidResponse("DescribeMetricFilters returned no list of metric filters, not even an empty one")
		}
		for _, f := range out.MetricFilters {
			if f.FilterPattern == nil || aws.ToString(f.FilterName) == "" || slices.ContainsFunc(f.MetricTransformations, nameless) {
				return nil, awserr.InvalidResponse("DescribeMetricFilters returned a metric filter without a name, a pattern or a metric's name")
			}
		}
		all = append(all, out.MetricFilters...)
		return out.NextToken, nil
	})
	if awserr.Code(err) == "ResourceNotFoundException" {
		return []types.MetricFilter{}, nil
	}
	return all, err
}
