package trail

import "github.com/aws/aws-sdk-go-v2/aws/arn"

// RegionOf returns the region in a trail's ARN, which is its home region; empty when s is no trail's ARN.
func RegionOf(s string) string {
	a, err := arn.Parse(s)
	if err != nil || a.Service != "cloudtrail" {
		return ""
	}
	return a.Region
}

// OwnerOf returns the account in a trail's ARN; empty when s is no ARN.
func OwnerOf(s string) string {
	a, err := arn.Parse(s)
	if err != nil {
		return ""
	}
	return a.AccountID
}
