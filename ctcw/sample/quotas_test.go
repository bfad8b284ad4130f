package sample_test

import (
	"net/http"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	"github.com/aws/aws-sdk-go-v2/service/cloudtrail"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/ctcw/steampipe-plugin-ctcw/ctcw/sample"
)

// TestQuotas calls every action twice where once is allowed, and looks at the error in its service's words.
func TestQuotas(t *testing.T) {
	quotas := sample.AWSQuotas()
	for _, action := range sample.Actions() {
		require.Contains(t, quotas, action)
		quotas[action] = sample.Quota{Rate: 0.001, Burst: 1}
	}
	org := small()
	s := serve(t, org, sample.WithQuotas(quotas))
	words := map[string]string{
		"ec2:DescribeRegions": "RequestLimitExceeded", "sts:AssumeRole": "Throttling", "sts:GetCallerIdentity": "Throttling",
		"organizations:ListAccounts": "TooManyRequestsException", "sns:GetTopicAttributes": "Throttling", "cloudwatch:DescribeAlarms": "Throttling",
		"cloudwatch:ListAlarmMuteRules": "Throttling", "cloudwatch:GetAlarmMuteRule": "Throttling",
	}
	top := as(t, s, org.Account("top"), "us-east-1").calls()
	for action, call := range top {
		require.NoError(t, call(t.Context()), action)
		err := call(t.Context())
		want := words[action]
		if want == "" {
			want = "ThrottlingException"
		}
		assert.Equal(t, want, code(err), action)
		assert.Equal(t, aws.TrueTernary, retry.ThrottleErrorCode{Codes: retry.DefaultThrottleErrorCodes}.IsErrorThrottle(err), action)
		assert.Equal(t, 2, s.Calls().Of(action), action)
		assert.Equal(t, 1, s.Calls().Throttled(action), action)
	}
	assert.NoError(t, as(t, s, org.Account("top"), "eu-west-1").calls()["cloudtrail:DescribeTrails"](t.Context()), "each region has its own")
	assert.NoError(t, as(t, s, org.Account("member"), "us-east-1").calls()["cloudtrail:DescribeTrails"](t.Context()), "each account has its own")
	assert.Equal(t, 3, s.Calls().In("111111111111", "us-east-1").Throttled("logs:*"))
	assert.Zero(t, s.Calls().In("222222222222", "").Throttled(""))

	s.SetQuotas(quotas)
	assert.NoError(t, top["cloudtrail:DescribeTrails"](t.Context()), "the buckets are full again")
	s.SetQuotas(nil)
	for range 3 {
		assert.NoError(t, top["cloudtrail:DescribeTrails"](t.Context()))
	}
	s.ResetCalls()
	assert.Zero(t, s.Calls().Throttled(""))
	defer s.Inject(sample.Fault{Kind: sample.Throttled})()
	assert.Error(t, top["cloudtrail:DescribeTrails"](t.Context()))
	assert.Equal(t, 1, s.Calls().Throttled("cloudtrail:DescribeTrails"), "faults count too")
}

// TestQuotasOverTime calls as fast as it can for a while and compares with what the quota allows.
func TestQuotasOverTime(t *testing.T) {
	org := small()
	s := serve(t, org, sample.WithQuotas(sample.Quotas{"cloudtrail:DescribeTrails": {Rate: 20, Burst: 5}}))
	call := as(t, s, org.Account("top"), "us-east-1").calls()["cloudtrail:DescribeTrails"]
	var passed atomic.Int64
	var group sync.WaitGroup
	began := time.Now()
	for range 4 {
		group.Go(func() {
			for time.Since(began) < 500*time.Millisecond {
				if call(t.Context()) == nil {
					passed.Add(1)
				}
			}
		})
	}
	group.Wait()
	allowed := 5 + 20*time.Since(began).Seconds()
	assert.LessOrEqual(t, float64(passed.Load()), allowed+1)
	assert.EqualValues(t, s.Calls().Total()-s.Calls().Throttled(""), passed.Load())
}

func TestClock(t *testing.T) {
	org := small()
	s := serve(t, org)
	now := time.Now().Add(30 * 24 * time.Hour).Truncate(time.Second)
	s.SetClock(func() time.Time { return now })
	c := as(t, s, org.Account("top"), "us-east-1")
	var dates []string
	c.config.HTTPClient = roundTripper(func(r *http.Request) (*http.Response, error) {
		answer, err := http.DefaultTransport.RoundTrip(r)
		if err == nil {
			dates = append(dates, answer.Header.Get("Date"))
		}
		return answer, err
	})
	t.Cleanup(http.DefaultClient.CloseIdleConnections)
	trail := cloudtrail.NewFromConfig(c.config)
	_, err := trail.DescribeTrails(t.Context(), nil)
	require.NoError(t, err)
	now = now.Add(24 * time.Hour)
	_, err = trail.ListTags(t.Context(), &cloudtrail.ListTagsInput{ResourceIdList: []string{"nonsense"}})
	require.Error(t, err)
	assert.Equal(t, []string{now.Add(-24 * time.Hour).UTC().Format(http.TimeFormat), now.UTC().Format(http.TimeFormat)}, dates, "errors too")
}

// TestSignatureTimes: AWS refuses a signature that was not made about now, and the SDK goes by AWS's clock from then on.
func TestSignatureTimes(t *testing.T) {
	org := small()
	s := serve(t, org, sample.WithSignatureTimes())
	for _, skew := range []time.Duration{-48 * time.Hour, -6 * time.Minute, 6 * time.Minute, 48 * time.Hour} {
		s.SetClock(func() time.Time { return time.Now().Add(skew) })
		for _, action := range sample.Actions() {
			// A client that has been refused once knows the time.
			call := as(t, s, org.Account("top"), "us-east-1").calls()[action]
			want := "InvalidSignatureException"
			switch action {
			case "ec2:DescribeRegions":
				want = "AuthFailure"
			case "sts:AssumeRole", "sts:GetCallerIdentity", "sns:GetTopicAttributes", "cloudwatch:DescribeAlarms",
				"cloudwatch:ListAlarmMuteRules", "cloudwatch:GetAlarmMuteRule":
				want = "SignatureDoesNotMatch"
			}
			assert.Equal(t, want, code(call(t.Context())), action)
		}
		s.ResetCalls()
		config := as(t, s, org.Account("top"), "us-east-1").config
		config.Retryer = func() aws.Retryer { return retry.NewStandard() }
		trail := cloudtrail.NewFromConfig(config)
		for range 3 {
			_, err := trail.DescribeTrails(t.Context(), nil)
			require.NoError(t, err)
		}
		assert.Equal(t, 4, s.Calls().Total(), "only the first one was signed with the wrong time")
	}
	s.SetClock(func() time.Time { return time.Now().Add(4 * time.Minute) })
	assert.NoError(t, as(t, s, org.Account("top"), "us-east-1").calls()["cloudtrail:DescribeTrails"](t.Context()))
}
