package trail

import (
	"context"
	"slices"

	"github.com/aws/aws-sdk-go-v2/service/cloudtrail"
	"github.com/aws/aws-sdk-go-v2/service/cloudtrail/types"

	"github.com/ctcw/steampipe-plugin-ctcw/ctcw/aws/account"
	"github.com/ctcw/steampipe-plugin-ctcw/ctcw/aws/awserr"
)

// Selectors say which events a trail records: basic ones, or advanced ones.
type Selectors struct {
	Basic    []types.EventSelector
	Advanced []types.AdvancedEventSelector
}

// GetSelectors asks GetEventSelectors by ARN, in the regions of [InRegions].
func GetSelectors(ctx context.Context, of account.Regional, t Trail, failed map[string]error) (Selectors, error) {
	return InRegions(ctx, t, failed, func(region string) (Selectors, error) {
		out, err := client(of, region).GetEventSelectors(ctx, &cloudtrail.GetEventSelectorsInput{TrailName: &t.ARN})
		if err != nil {
			return Selectors{}, err
		}
		if out.EventSelectors == nil && out.AdvancedEventSelectors == nil {
			return Selectors{}, awserr.InvalidResponse("GetEventSelectors returned no list of selectors, not even an empty one")
		}
		if slices.ContainsFunc(out.EventSelectors, incompleteBasic) || slices.ContainsFunc(out.AdvancedEventSelectors, incompleteAdvanced) {
			return Selectors{}, awserr.InvalidResponse("GetEventSelectors returned a selector that does not say what it selects")
		}
		return Selectors{Basic: out.EventSelectors, Advanced: out.AdvancedEventSelectors}, nil
	})
}

func incompleteBasic(s types.EventSelector) bool {
	return s.IncludeManagementEvents == nil || s.ReadWriteType == ""
}

func incompleteAdvanced(s types.AdvancedEventSelector) bool {
	return slices.ContainsFunc(s.FieldSelectors, func(f types.AdvancedFieldSelector) bool { return f.Field == nil || *f.Field == "" })
}
