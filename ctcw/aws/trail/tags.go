package trail

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudtrail"

	"github.com/ctcw/steampipe-plugin-ctcw/ctcw/aws/account"
	"github.com/ctcw/steampipe-plugin-ctcw/ctcw/aws/awserr"
	"github.com/ctcw/steampipe-plugin-ctcw/ctcw/aws/page"
)

// GetTags returns the tags of a trail that the account owns.
func GetTags(ctx context.Context, of account.Regional, t Trail) (map[string]string, error) {
	var tags map[string]string
	cloudTrail := client(of, t.HomeRegion)
	err := page.Each("ListTags", func(token *string) (*string, error) {
		out, err := cloudTrail.ListTags(ctx, &cloudtrail.ListTagsInput{ResourceIdList: []string{t.ARN}, NextToken: token})
		if err != nil {
			return nil, err
		}
		for _, resource := range out.ResourceTagList {
			if aws.ToString(resource.ResourceId) != t.ARN {
				continue
			}
			if tags == nil {
				tags = map[string]string{}
			}
			for _, tag := range resource.TagsList {
				if tag.Key == nil {
					return nil, awserr.InvalidResponse("ListTags returned a tag without a key")
				}
				tags[*tag.Key] = aws.ToString(tag.Value)
			}
		}
		return out.NextToken, nil
	})
	switch {
	case err != nil:
		return nil, err
	case tags == nil:
		return nil, awserr.InvalidResponse("ListTags returned no list of this trail's tags, not even an empty one")
	default:
		return tags, nil
	}
}
