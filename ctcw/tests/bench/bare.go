package main

import (
	"context"
	"fmt"
	"net/http"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	awsconfig "github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/credentials/stscreds"
	"github.com/aws/aws-sdk-go-v2/service/cloudtrail"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/organizations"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	"golang.org/x/sync/errgroup"
)

// bareConcurrency is how many calls the plugin has under way at once, too.
const bareConcurrency = 256

// bareLoop is how long the bare loop took.
type bareLoop struct {
	Wall    time.Duration
	PeakMiB float64

	worked time.Duration // processor time
	calls  calls
}

// bare sends the requests that the plugin sends for one trail in each account, through the same AWS SDK,
// and throws the answers away. It needs to find out nothing: what depends on an answer in the plugin is known
// here, so nothing waits but for the roles, and a page of accounts for the one before it.
func bare(a address) (loop bareLoop, err error) {
	ctx := context.Background()
	start := time.Now()
	config, err := awsconfig.LoadDefaultConfig(ctx,
		awsconfig.WithRegion(homeRegion),
		awsconfig.WithBaseEndpoint(a.URL),
		awsconfig.WithCredentialsProvider(credentials.NewStaticCredentialsProvider(a.AccessKey, a.SecretKey, "")),
		awsconfig.WithHTTPClient(awshttp.NewBuildableClient().WithTransportOptions(func(t *http.Transport) {
			t.MaxIdleConns = 0
			t.MaxIdleConnsPerHost = bareConcurrency
		})))
	if err != nil {
		return loop, err
	}
	if _, err := sts.NewFromConfig(config).GetCallerIdentity(ctx, nil); err != nil {
		return loop, err
	}
	var list errgroup.Group
	list.Go(func() error {
		pages := organizations.NewListAccountsPaginator(organizations.NewFromConfig(config), &organizations.ListAccountsInput{})
		for pages.HasMorePages() {
			if _, err := pages.NextPage(ctx); err != nil {
				return err
			}
		}
		return nil
	})
	// All roles come first: no request is to wait for the role of its account.
	var roles, rest []request
	for i, id := range a.AccountIDs {
		account := config
		if i > 0 {
			account = assume(config, id)
			roles = append(roles, func(ctx context.Context) error {
				_, err := account.Credentials.Retrieve(ctx)
				return err
			})
		}
		rest = append(rest, requests(account, id)...)
	}
	for _, all := range [][]request{roles, rest} {
		group, ctx := errgroup.WithContext(ctx)
		group.SetLimit(bareConcurrency)
		for _, send := range all {
			group.Go(func() error { return send(ctx) })
		}
		if err := group.Wait(); err != nil {
			return loop, err
		}
	}
	if err := list.Wait(); err != nil {
		return loop, err
	}
	return bareLoop{Wall: time.Since(start), PeakMiB: memory("self", "VmHWM")}, nil
}

// assume returns a configuration for another account, whose credentials AssumeRole gives.
func assume(config aws.Config, id string) aws.Config {
	account := config.Copy()
	account.Credentials = aws.NewCredentialsCache(stscreds.NewAssumeRoleProvider(sts.NewFromConfig(config),
		"arn:aws:iam::"+id+":role/"+roleName))
	return account
}

type request func(context.Context) error

// requests are those of one account, but for the role.
func requests(config aws.Config, id string) []request {
	trail := fmt.Sprintf("arn:aws:cloudtrail:%s:%s:trail/trail-1", homeRegion, id)
	all := []request{
		func(ctx context.Context) error {
			_, err := ec2.NewFromConfig(config).DescribeRegions(ctx, nil)
			return err
		},
		func(ctx context.Context) error {
			_, err := cloudtrail.NewFromConfig(config).GetTrailStatus(ctx, &cloudtrail.GetTrailStatusInput{Name: &trail})
			return err
		},
		func(ctx context.Context) error {
			_, err := cloudwatchlogs.NewFromConfig(config).DescribeLogGroups(ctx, &cloudwatchlogs.DescribeLogGroupsInput{
				LogGroupNamePrefix: aws.String("cloudtrail/trail-1")})
			return err
		},
	}
	for _, region := range regions {
		all = append(all, func(ctx context.Context) error {
			client := cloudtrail.NewFromConfig(config, func(o *cloudtrail.Options) { o.Region = region })
			_, err := client.DescribeTrails(ctx, &cloudtrail.DescribeTrailsInput{IncludeShadowTrails: aws.Bool(true)})
			return err
		})
	}
	return all
}

// regions are the 17 that every account of the organization has enabled.
var regions = []string{
	"ap-northeast-1", "ap-northeast-2", "ap-northeast-3", "ap-south-1", "ap-southeast-1", "ap-southeast-2",
	"ca-central-1", "eu-central-1", "eu-north-1", "eu-west-1", "eu-west-2", "eu-west-3", "sa-east-1",
	homeRegion, "us-east-2", "us-west-1", "us-west-2",
}

// homeRegion is that of every trail.
const homeRegion = "us-east-1"

func (e *endpoint) bare() (loop bareLoop, err error) {
	if err := e.reset(trouble{}); err != nil {
		return loop, err
	}
	loop, worked, err := inChild[bareLoop]("bare", e.address)
	if err != nil {
		return loop, err
	}
	c, err := e.counted()
	loop.worked, loop.calls = worked, c.Calls
	return loop, err
}
