package sample_test

import (
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudtrail"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/ctcw/steampipe-plugin-ctcw/ctcw/sample"
)

func TestListen(t *testing.T) {
	for _, addr := range []string{"0.0.0.0:0", ":0", "localhost:0", "[::1]:0", "127.0.0.2:0", "127.0.0.1", "127.0.0.1:x"} {
		s := sample.New(small())
		assert.Error(t, s.Listen(addr), addr)
		assert.Empty(t, s.URL())
		assert.NoError(t, s.Close())
	}
	s := serve(t, small())
	assert.True(t, strings.HasPrefix(s.URL(), "http://127.0.0.1:"))
	assert.ErrorContains(t, s.Start(), "already")
	other := sample.New(small())
	assert.Error(t, other.Listen(strings.TrimPrefix(s.URL(), "http://")), "port in use")
	require.NoError(t, other.Close())
	require.NoError(t, other.Close(), "closing twice does no harm")
	assert.ErrorContains(t, other.Start(), "closed")
}

func TestHandler(t *testing.T) {
	org := small()
	s := sample.New(org)
	outer := httptest.NewServer(s)
	defer outer.Close()
	config := as(t, s, org.Account("top"), "us-east-1").config
	config.BaseEndpoint = aws.String(outer.URL)
	_, err := cloudtrail.NewFromConfig(config).DescribeTrails(t.Context(), nil)
	require.NoError(t, err)
	assert.NoError(t, s.Close())
}

func TestLatency(t *testing.T) {
	org := small()
	s := serve(t, org)
	call := as(t, s, org.Account("top"), "us-east-1").calls()["cloudtrail:DescribeTrails"]
	s.SetLatency(60 * time.Millisecond)
	began := time.Now()
	require.NoError(t, call(t.Context()))
	assert.GreaterOrEqual(t, time.Since(began), 60*time.Millisecond)

	s.SetLatency(time.Hour)
	failed := make(chan error)
	go func() { failed <- call(t.Context()) }()
	require.Eventually(t, func() bool { return s.Calls().Total() == 2 }, 5*time.Second, time.Millisecond)
	require.NoError(t, s.Close())
	assert.Error(t, <-failed)
}

func TestCalls(t *testing.T) {
	org := small()
	s := serve(t, org)
	for _, region := range []string{"us-east-1", "eu-west-1"} {
		for _, account := range []string{"top", "member"} {
			calls := as(t, s, org.Account(account), region).calls()
			require.NoError(t, calls["cloudtrail:DescribeTrails"](t.Context()))
			require.NoError(t, calls["logs:DescribeLogGroups"](t.Context()))
		}
	}
	require.NoError(t, as(t, s, org.Account("top"), "us-east-1").calls()["sts:GetCallerIdentity"](t.Context()))

	calls := s.Calls()
	assert.Equal(t, 9, calls.Total())
	assert.Equal(t, 4, calls.Of("cloudtrail:DescribeTrails"))
	assert.Equal(t, 4, calls.Of("logs:*"))
	assert.Equal(t, 0, calls.Of("logs"))
	assert.Equal(t, 5, calls.In("111111111111", "").Total())
	assert.Equal(t, 1, calls.In("222222222222", "eu-*").Of("cloudtrail:DescribeTrails"))
	assert.Equal(t, "cloudtrail:DescribeTrails 4\nlogs:DescribeLogGroups 4\nsts:GetCallerIdentity 1\n", calls.String())
	assert.Equal(t, 1, calls.ByCall()[sample.Call{Action: "sts:GetCallerIdentity", Account: "111111111111", Region: "us-east-1"}])

	s.ResetCalls()
	assert.Zero(t, s.Calls().Total())
	assert.Equal(t, 9, calls.Total(), "what was read stays")
}

// TestActions: the sets have every action, and none twice.
func TestActions(t *testing.T) {
	var each []string
	for set := sample.BaseActions; set <= sample.StreamActions; set++ {
		each = append(each, sample.Actions(set)...)
	}
	assert.ElementsMatch(t, sample.Actions(), each)
	assert.ElementsMatch(t, sample.Actions(), slices.Collect(maps.Keys(clients{}.calls())))
	assert.Equal(t, []string{
		"cloudwatch:DescribeAlarms", "cloudwatch:GetAlarmMuteRule", "cloudwatch:ListAlarmMuteRules", "logs:DescribeMetricFilters", "sns:GetTopicAttributes",
	}, sample.Actions(sample.AlarmActions))
	assert.Equal(t, []string{"cloudtrail:GetEventSelectors", "logs:DescribeLogStreams"}, sample.Actions(sample.StreamActions, sample.SelectorActions))
}

func TestUpdate(t *testing.T) {
	org := small()
	s := serve(t, org)
	c := as(t, s, org.Account("top"), "us-east-1")
	s.Update(func(o *sample.Organization) {
		o.Account("top").Trails[0].Status.Logging = false
		o.Accounts = append(o.Accounts, &sample.Account{ID: "666666666666", Name: "new"})
	})
	status, err := c.trail.GetTrailStatus(t.Context(), &cloudtrail.GetTrailStatusInput{Name: aws.String("main")})
	require.NoError(t, err)
	assert.False(t, *status.IsLogging)
	assert.NoError(t, as(t, s, org.Account("new"), "us-east-1").calls()["cloudtrail:DescribeTrails"](t.Context()))
}

// TestParallel is for the race detector.
func TestParallel(t *testing.T) {
	org := small()
	s := serve(t, org)
	s.Inject(sample.Fault{Action: "logs:*", Kind: sample.UnknownFields, Rate: 0.5})
	calls := as(t, s, org.Account("top"), "us-east-1").calls()
	errs := make([]error, 200)
	var group sync.WaitGroup
	for i := range errs {
		group.Go(func() {
			for action, call := range calls {
				if err := call(t.Context()); err != nil {
					errs[i] = fmt.Errorf("%s: %w", action, err)
				}
			}
		})
	}
	for i := range 20 {
		s.Update(func(o *sample.Organization) {
			top := o.Account("top")
			top.Trails[0].Tags["round"] = fmt.Sprint(i)
			top.LogGroups[0].RetentionInDays = int32(i)
			top.Denied = append(top.Denied[:0], sample.Denial{Action: "s3:*"})
		})
		_, _ = s.Calls(), s.CredentialsFile()
	}
	group.Wait()
	for _, err := range errs {
		assert.NoError(t, err)
	}
	assert.Equal(t, len(errs)*len(calls), s.Calls().Total())
}

func TestCredentialsFile(t *testing.T) {
	org := small()
	org.Accounts = org.Accounts[:2]
	org.Account("member").Name = "The Member"
	s := serve(t, org)
	assert.Equal(t, `[top]
aws_access_key_id = AKIASAMP111111111111
aws_secret_access_key = sample/this-is-not-a-secret/111111111111
region = us-east-1
endpoint_url = `+s.URL()+`

[The-Member]
aws_access_key_id = AKIASAMP222222222222
aws_secret_access_key = sample/this-is-not-a-secret/222222222222
region = us-east-1
endpoint_url = `+s.URL()+"\n", s.CredentialsFile())
	assert.Contains(t, s.Environment("222222222222"), "AWS_ACCESS_KEY_ID=AKIASAMP222222222222")
	assert.Contains(t, s.Environment("The Member"), "AWS_ENDPOINT_URL="+s.URL())
	assert.Nil(t, s.Environment("nobody"))
}

func BenchmarkDescribeTrails(b *testing.B) {
	org := sample.Large(1000, 1, noon)
	s := serve(b, org)
	run := func(b *testing.B) {
		c := as(b, s, org.Accounts[500], "us-east-1")
		b.ReportAllocs()
		b.RunParallel(func(pb *testing.PB) {
			for pb.Next() {
				if _, err := c.trail.DescribeTrails(b.Context(), nil); err != nil {
					b.Error(err)
				}
			}
		})
	}
	b.Run("with the SDK", run)
	b.Run("handler alone", func(b *testing.B) {
		benchmarkHandler(b, s, org, func(c aws.Config) error {
			_, err := cloudtrail.NewFromConfig(c).DescribeTrails(b.Context(), nil)
			return err
		})
	})
}

func BenchmarkLarge(b *testing.B) {
	b.Run("trails", func(b *testing.B) {
		for b.Loop() {
			sample.New(sample.Large(1000, 1, noon))
		}
	})
	b.Run("organization trail", func(b *testing.B) {
		for b.Loop() {
			sample.New(sample.LargeOrganizationTrail(10_000, noon))
		}
	})
}

// BenchmarkLogStreams reads a page from the middle of 20,000 streams, and BenchmarkAlarms all alarms of an account.
func BenchmarkLogStreams(b *testing.B) {
	org := sample.LargeOrganizationTrail(10_000, noon)
	s := serve(b, org)
	benchmarkHandler(b, s, org, func(c aws.Config) error {
		_, err := cloudwatchlogs.NewFromConfig(c).DescribeLogStreams(b.Context(), &cloudwatchlogs.DescribeLogStreamsInput{
			LogGroupName: aws.String("cloudtrail/organization"), NextToken: aws.String("MTAwMDA="), // 10000
		})
		return err
	})
}

func BenchmarkAlarms(b *testing.B) {
	org := sample.LargeOrganizationTrail(10, noon)
	s := serve(b, org)
	benchmarkHandler(b, s, org, func(c aws.Config) error {
		_, err := cloudwatch.NewFromConfig(c).DescribeAlarms(b.Context(), &cloudwatch.DescribeAlarmsInput{AlarmTypes: everyKind})
		return err
	})
}

// benchmarkHandler sends the request that a call makes to the handler alone, again and again.
func benchmarkHandler(b *testing.B, s *sample.Server, org *sample.Organization, call func(aws.Config) error) {
	r, text := captured(b, s, org.Accounts[0], call)
	b.ReportAllocs()
	for b.Loop() {
		r.Body = body(text)
		w := httptest.NewRecorder()
		s.ServeHTTP(w, r)
		if w.Code != 200 {
			b.Fatal(w.Body)
		}
	}
}

// captured is the signed request that a call makes with the SDK, and its body.
func captured(b *testing.B, s *sample.Server, a *sample.Account, call func(aws.Config) error) (*http.Request, string) {
	var request *http.Request
	var text []byte
	config := as(b, s, a, "us-east-1").config
	config.HTTPClient = roundTripper(func(r *http.Request) (*http.Response, error) {
		request = r.Clone(b.Context())
		if r.Body != nil {
			text, _ = io.ReadAll(r.Body)
		}
		return nil, errors.New("not sent")
	})
	require.Error(b, call(config))
	request.Host = request.URL.Host
	return request, string(text)
}

func body(text string) io.ReadCloser { return io.NopCloser(strings.NewReader(text)) }
