package scan_test

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"

	"github.com/ctcw/steampipe-plugin-ctcw/ctcw/aws/account"
	"github.com/ctcw/steampipe-plugin-ctcw/ctcw/aws/awserr"
	"github.com/ctcw/steampipe-plugin-ctcw/ctcw/aws/loggroup"
	"github.com/ctcw/steampipe-plugin-ctcw/ctcw/aws/trail"
	"github.com/ctcw/steampipe-plugin-ctcw/ctcw/verdict/delivery"
)

// answers is AWS: the same body to every request for an operation.
type answers map[string]string

func (a answers) Do(r *http.Request) (*http.Response, error) {
	target := r.Header.Get("X-Amz-Target")
	body := a[target[strings.LastIndexByte(target, '.')+1:]]
	return &http.Response{StatusCode: 200, Header: http.Header{"Content-Type": {"application/x-amz-json-1.1"}}, Body: io.NopCloser(bytes.NewBufferString(body)), Request: r}, nil
}

// In implements account.Regional.
func (a answers) In(region string) aws.Config {
	return aws.Config{Region: region, HTTPClient: a, Retryer: func() aws.Retryer { return aws.NopRetryer{} },
		Credentials: aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
			return aws.Credentials{AccessKeyID: "a", SecretAccessKey: "b"}, nil
		})}
}

// FuzzAnswers turns whatever AWS may answer into verdicts.
func FuzzAnswers(f *testing.F) {
	const (
		trails = `{"trailList":[{"Name":"t","HomeRegion":"eu-west-1","TrailARN":"arn:aws:cloudtrail:eu-west-1:111122223333:trail/t","IsMultiRegionTrail":true,` +
			`"CloudWatchLogsLogGroupArn":"arn:aws:logs:eu-west-1:111122223333:log-group:g:*","IsOrganizationTrail":false}]}`
		status = `{"IsLogging":true,"LatestCloudWatchLogsDeliveryTime":1.7e9,"LatestDeliveryTime":1700000000,"LatestCloudWatchLogsDeliveryError":"x\ny"}`
		groups = `{"logGroups":[{"logGroupName":"g","retentionInDays":365,"creationTime":1700000000000,"storedBytes":1}]}`
		tags   = `{"ResourceTagList":[{"ResourceId":"arn:aws:cloudtrail:eu-west-1:111122223333:trail/t","TagsList":[{"Key":"k","Value":"v"}]}]}`
	)
	f.Add(trails, status, groups, tags)
	f.Add(strings.Replace(trails, "[{", `[{"Name":"u"},{`, 1), `{"IsLogging":false}`, `{"logGroups":[]}`, `{"ResourceTagList":[]}`)
	f.Add(`{"trailList":[]}`, "{}", "{}", "{}")
	f.Add(`{"trailList":[null,{}]}`, "null", `{"logGroups":[null,{}],"nextToken":"x"}`, `{"ResourceTagList":[null]}`)
	f.Add("", "", "", "")
	f.Add(`{"trailList":null}`, `{"IsLogging":null}`, `{"logGroups":null}`, `[]`)
	f.Add(strings.ReplaceAll(trails, "365", "-1"), `{"IsLogging":true,"LatestCloudWatchLogsDeliveryTime":-1e300}`, strings.ReplaceAll(groups, "1700000000000", "9223372036854775807"), tags)
	f.Fuzz(func(t *testing.T, trailsBody, statusBody, groupsBody, tagsBody string) {
		aws := answers{"DescribeTrails": trailsBody, "GetTrailStatus": statusBody, "DescribeLogGroups": groupsBody, "ListTags": tagsBody}
		ctx := context.Background()
		listing := trail.Collect([]account.Region{{Name: "eu-west-1"}, {Name: "us-east-1"}}, func(region string) func() ([]trail.Trail, error) {
			return func() ([]trail.Trail, error) { return trail.Describe(ctx, aws, region) }
		})
		facts := delivery.Facts{AccountID: "111122223333", Partition: "aws", CheckedAt: time.Unix(1.7e9, 0), Listed: len(listing.Listed), Unscanned: map[string]string{}}
		for region, err := range listing.Failed {
			facts.Unscanned[region], facts.ScanError = awserr.Code(err), awserr.Text(err)
		}
		if n := len(listing.Listed) + len(listing.Failed); n != 2 {
			t.Fatalf("%d of 2 regions are accounted for", n)
		}
		judge(t, facts)
		arns := map[string]bool{}
		for _, tr := range listing.Trails {
			if tr.ARN == "" || arns[tr.ARN] || len(tr.SeenIn) == 0 {
				t.Fatalf("one row per ARN: %+v", listing.Trails)
			}
			arns[tr.ARN] = true
			if i := strings.Index(trailsBody, `"`); i < 0 {
				t.Fatalf("a trail out of nothing: %+v", tr)
			}
			judge(t, factsOf(ctx, t, aws, facts, tr, listing.Failed))
			if tags, err := trail.GetTags(ctx, aws, tr); (tags == nil) == (err == nil) {
				t.Fatalf("tags %v, error %v", tags, err)
			}
		}
	})
}

func factsOf(ctx context.Context, t *testing.T, aws answers, facts delivery.Facts, tr trail.Trail, failed map[string]error) delivery.Facts {
	facts.Trail = &delivery.Trail{ARN: tr.ARN, Name: tr.Name, HomeRegion: tr.HomeRegion, OwnerAccountID: tr.OwnerAccountID, LogGroupARN: tr.LogGroupARN}
	if ref, err := loggroup.ParseARN(tr.LogGroupARN); err == nil {
		group, err := loggroup.Get(ctx, aws, ref)
		switch {
		case err != nil:
			facts.LogGroup = delivery.LogGroupUnknown
			if awserr.Text(err) == "" {
				t.Fatal("an error without a text")
			}
		case group == nil:
			facts.LogGroup = delivery.LogGroupNotFound
			if !strings.Contains(aws["DescribeLogGroups"], "[") {
				t.Fatalf("missing, though AWS gave no list: %s", aws["DescribeLogGroups"])
			}
		default:
			facts.LogGroup = delivery.LogGroupFound
		}
	}
	s, err := trail.InRegions(ctx, tr, failed, func(region string) (trail.Status, error) { return trail.StatusIn(ctx, aws, tr, region) })
	if err != nil {
		facts.StatusError = awserr.Text(err)
		return facts
	}
	facts.Status = &delivery.TrailStatus{Logging: s.IsLogging, CloudWatchLogsError: s.LatestCloudWatchLogsDeliveryError}
	if at := s.LatestCloudWatchLogsDeliveryTime; at != nil {
		facts.Status.LatestCloudWatchLogs = *at
	}
	return facts
}

func judge(t *testing.T, f delivery.Facts) {
	v := delivery.Of(f)
	known := false
	for _, s := range delivery.Statuses {
		known = known || s == v.Status
	}
	if !known || v.Reason == "" || strings.ContainsAny(v.Reason, "\r\n") {
		t.Fatalf("%+v", v)
	}
	if f.Trail == nil && f.Listed == 0 && v.Status != delivery.Unknown {
		t.Fatalf("nothing was listed, and yet %+v", v)
	}
	if f.Trail != nil && f.Trail.LogGroupARN != "" && f.Status == nil && v.Status != delivery.Unknown {
		t.Fatalf("no status, and yet %+v", v)
	}
}
