package loggroup

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs/types"

	"github.com/ctcw/steampipe-plugin-ctcw/ctcw/aws/account"
	"github.com/ctcw/steampipe-plugin-ctcw/ctcw/aws/awserr"
	"github.com/ctcw/steampipe-plugin-ctcw/ctcw/aws/page"
)

// Streams asks DescribeLogStreams, 50 a page, for those of a log group; nil when there is no such group.
func Streams(ctx context.Context, of account.Regional, ref Ref) ([]types.LogStream, error) {
	client := cloudwatchlogs.NewFromConfig(of.In(ref.Region))
	all := []types.LogStream{}
	err := page.Each("DescribeLogStreams", func(token *string) (*string, error) {
		out, err := client.DescribeLogStreams(ctx, &cloudwatchlogs.DescribeLogStreamsInput{
			LogGroupName: &ref.Name, Limit: aws.Int32(50), NextToken: token,
		})
		if err != nil {
			return nil, err
		}
		if out.LogStreams == nil {
			return nil, awserr.InvalidResponse("DescribeLogStreams returned no list of log streams, not even an empty one")
		}
		for _, s := range out.LogStreams {
			if aws.ToString(s.LogStreamName) == "" {
				return nil, awserr.InvalidResponse("DescribeLogStreams returned a log stream without a name")
			}
		}
		all = append(all, out.LogStreams...)
		return out.NextToken, nil
	})
	if awserr.Code(err) == "ResourceNotFoundException" {
		return nil, nil
	}
	return all, err
}
