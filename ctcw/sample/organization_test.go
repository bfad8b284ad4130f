package sample_test

import (
	"fmt"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"
	"github.com/aws/aws-sdk-go-v2/service/organizations"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/ctcw/steampipe-plugin-ctcw/ctcw/sample"
)

func TestListAccounts(t *testing.T) {
	org := small()
	for i := range 40 {
		org.Accounts = append(org.Accounts, &sample.Account{ID: fmt.Sprintf("5%011d", i)})
	}
	org.DelegatedAdmins = []string{"222222222222"}
	s := serve(t, org)
	for _, account := range []string{"top", "member"} {
		var sizes []int
		ids := map[string]bool{}
		c := as(t, s, org.Account(account), "eu-west-1")
		pages := organizations.NewListAccountsPaginator(c.organizations, &organizations.ListAccountsInput{})
		for pages.HasMorePages() {
			page, err := pages.NextPage(t.Context())
			require.NoError(t, err)
			sizes = append(sizes, len(page.Accounts))
			for _, a := range page.Accounts {
				ids[*a.Id] = true
				assert.EqualValues(t, "ACTIVE", a.Status)
			}
		}
		assert.Equal(t, []int{20, 20, 2}, sizes)
		assert.Len(t, ids, 42)
		assert.NotContains(t, ids, "333333333333", "stands alone")
	}

	page, err := as(t, s, org.Account("top"), "us-east-1").organizations.ListAccounts(t.Context(),
		&organizations.ListAccountsInput{MaxResults: aws.Int32(1)})
	require.NoError(t, err)
	require.Len(t, page.Accounts, 1)
	top := page.Accounts[0]
	assert.Equal(t, "arn:aws:organizations::111111111111:account/o-smallsample/111111111111", *top.Arn)
	assert.Equal(t, "aws+top@example.com", *top.Email)
	assert.Equal(t, noon, top.JoinedTimestamp.UTC())

	for name, in := range map[string]*organizations.ListAccountsInput{
		"size": {MaxResults: aws.Int32(21)}, "token": {NextToken: aws.String("nonsense")},
	} {
		_, err := as(t, s, org.Account("top"), "us-east-1").organizations.ListAccounts(t.Context(), in)
		assert.Equal(t, "InvalidInputException", code(err), name)
	}
}

func TestOrganizationAccess(t *testing.T) {
	org := small()
	s := serve(t, org)
	for account, want := range map[string]string{"top": "", "member": "AccessDeniedException", "outside": "AWSOrganizationsNotInUseException"} {
		calls := as(t, s, org.Account(account), "us-east-1").calls()
		assert.Equal(t, want, code(calls["organizations:ListAccounts"](t.Context())), account)
	}

	alone := &sample.Organization{Accounts: []*sample.Account{{ID: "111111111111"}}}
	calls := as(t, serve(t, alone), alone.Account("111111111111"), "us-east-1").calls()
	assert.Equal(t, "AWSOrganizationsNotInUseException", code(calls["organizations:ListAccounts"](t.Context())))
}

func TestDescribeRegions(t *testing.T) {
	org := small()
	org.Account("member").Regions = append(sample.DefaultRegions("aws"), "ap-southeast-3")
	s := serve(t, org)
	regions := func(account string, in *ec2.DescribeRegionsInput) map[string]string {
		out, err := as(t, s, org.Account(account), "us-east-1").ec2.DescribeRegions(t.Context(), in)
		require.NoError(t, err)
		found := map[string]string{}
		for _, r := range out.Regions {
			found[*r.RegionName] = *r.OptInStatus
			assert.Equal(t, "ec2."+*r.RegionName+".amazonaws.com", *r.Endpoint)
		}
		return found
	}
	assert.Len(t, regions("top", nil), 17)
	assert.Equal(t, "opt-in-not-required", regions("top", nil)["us-east-1"])

	enabled := regions("member", nil)
	assert.Len(t, enabled, 18)
	assert.Equal(t, "opted-in", enabled["ap-southeast-3"])

	all := regions("top", &ec2.DescribeRegionsInput{AllRegions: aws.Bool(true)})
	assert.Greater(t, len(all), 30)
	assert.Equal(t, "not-opted-in", all["ap-southeast-3"])

	assert.Equal(t, map[string]string{"ap-southeast-3": "opted-in"}, regions("member", &ec2.DescribeRegionsInput{
		AllRegions: aws.Bool(true),
		Filters:    []ec2types.Filter{{Name: aws.String("opt-in-status"), Values: []string{"opted-in"}}},
	}))
	assert.Len(t, regions("member", &ec2.DescribeRegionsInput{
		RegionNames: []string{"eu-west-1", "us-east-1", "me-south-1"},
		Filters:     []ec2types.Filter{{Name: aws.String("region-name"), Values: []string{"eu-*", "us-*"}}},
	}), 2)

	c := as(t, s, org.Account("top"), "us-east-1")
	for name, in := range map[string]*ec2.DescribeRegionsInput{
		"name":   {RegionNames: []string{"moon-1"}},
		"filter": {Filters: []ec2types.Filter{{Name: aws.String("colour"), Values: []string{"red"}}}},
	} {
		_, err := c.ec2.DescribeRegions(t.Context(), in)
		assert.Equal(t, "InvalidParameterValue", code(err), name)
	}
}

func TestOtherPartitions(t *testing.T) {
	for partition, region := range map[string]string{"aws-cn": "cn-north-1", "aws-us-gov": "us-gov-west-1"} {
		org := &sample.Organization{Partition: partition, Accounts: []*sample.Account{{
			ID: "111111111111", Trails: []*sample.Trail{{Name: "main", HomeRegion: region}},
		}}}
		c := as(t, serve(t, org), org.Accounts[0], region)
		found, err := c.ec2.DescribeRegions(t.Context(), nil)
		require.NoError(t, err)
		assert.Len(t, found.Regions, 2)
		who, err := c.sts.GetCallerIdentity(t.Context(), nil)
		require.NoError(t, err)
		assert.Equal(t, "arn:"+partition+":iam::111111111111:user/ctcw", *who.Arn)
		trails, err := c.trail.DescribeTrails(t.Context(), nil)
		require.NoError(t, err)
		assert.Equal(t, org.TrailARN("111111111111", region, "main"), *trails.TrailList[0].TrailARN)
	}
}
