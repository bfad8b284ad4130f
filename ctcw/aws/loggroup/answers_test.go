package loggroup_test

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/stretchr/testify/assert"

	"github.com/ctcw/steampipe-plugin-ctcw/ctcw/aws/loggroup"
)

// answers is an endpoint of CloudWatch Logs that gives one answer after the other.
type answers struct{ url string }

func (a answers) In(region string) aws.Config {
	return aws.Config{Region: region, BaseEndpoint: &a.url, Credentials: credentials.NewStaticCredentialsProvider("AKIAMAIN", "secret", "")}
}

func giving(t *testing.T, texts ...string) answers {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/x-amz-json-1.1")
		if texts[0] == notFound {
			w.WriteHeader(http.StatusBadRequest)
		}
		io.WriteString(w, texts[0]) //nolint:errcheck // the client is there
		texts = texts[1:]
	}))
	t.Cleanup(server.Close)
	return answers{server.URL}
}

const notFound = `{"__type":"ResourceNotFoundException","message":"no such group"}`

var ref = loggroup.Ref{AccountID: "111111111111", Region: "eu-west-1", Name: "g"}

func TestWhatIsNoListOfMetricFilters(t *testing.T) {
	const filter = `{"filterName":"f","filterPattern":"","metricTransformations":[{"metricName":"m","metricNamespace":"n","metricValue":"1"}]}`
	for name, c := range map[string]struct {
		answers []string
		want    int
		err     string
	}{
		"two pages":               {[]string{`{"metricFilters":[` + filter + `],"nextToken":"a"}`, `{"metricFilters":[` + filter + `]}`}, 2, ""},
		"none":                    {[]string{`{"metricFilters":[]}`}, 0, ""},
		"no such log group":       {[]string{notFound}, 0, ""},
		"no list":                 {[]string{`{}`}, 0, "no list"},
		"no list on a later page": {[]string{`{"metricFilters":[],"nextToken":"a"}`, `{}`}, 0, "no list"},
		"no name":                 {[]string{`{"metricFilters":[{"filterPattern":"x"}]}`}, 0, "without a name"},
		"no pattern":              {[]string{`{"metricFilters":[{"filterName":"f"}]}`}, 0, "without a name"},
		"no metric's name":        {[]string{`{"metricFilters":[{"filterName":"f","filterPattern":"x","metricTransformations":[{"metricNamespace":"n"}]}]}`}, 0, "without a name"},
		"no metric's namespace":   {[]string{`{"metricFilters":[{"filterName":"f","filterPattern":"x","metricTransformations":[{"metricName":"m"}]}]}`}, 0, "without a name"},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := loggroup.MetricFilters(context.Background(), giving(t, c.answers...), ref)
			if c.err != "" {
				assert.ErrorContains(t, err, c.err)
				return
			}
			assert.NoError(t, err)
			assert.NotNil(t, got)
			assert.Len(t, got, c.want)
		})
	}
}

func TestWhatIsNoListOfLogStreams(t *testing.T) {
	for name, c := range map[string]struct {
		answers []string
		want    int
		missing bool
		err     string
	}{
		"two pages":         {[]string{`{"logStreams":[{"logStreamName":"a"}],"nextToken":"a"}`, `{"logStreams":[{"logStreamName":"b"}]}`}, 2, false, ""},
		"none":              {[]string{`{"logStreams":[]}`}, 0, false, ""},
		"no such log group": {[]string{notFound}, 0, true, ""},
		"no list":           {[]string{`{}`}, 0, false, "no list"},
		"no name":           {[]string{`{"logStreams":[{"logStreamName":"a"},{}]}`}, 0, false, "without a name"},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := loggroup.Streams(context.Background(), giving(t, c.answers...), ref)
			if c.err != "" {
				assert.ErrorContains(t, err, c.err)
				return
			}
			assert.NoError(t, err)
			assert.Equal(t, c.missing, got == nil)
			assert.Len(t, got, c.want)
		})
	}
}

func TestWhatIsNoLogGroup(t *testing.T) {
	for name, c := range map[string]struct {
		answers []string
		found   bool
		err     string
	}{
		"there":                      {[]string{`{"logGroups":[{"logGroupName":"g"},{"logGroupName":"g2"}]}`}, true, ""},
		"on a second page":           {[]string{`{"logGroups":[],"nextToken":"a"}`, `{"logGroups":[{"logGroupName":"g"}]}`}, true, ""},
		"not there":                  {[]string{`{"logGroups":[{"logGroupName":"g2"}]}`}, false, ""},
		"no list":                    {[]string{`{}`}, false, "no list"},
		"no list on a later page":    {[]string{`{"logGroups":[],"nextToken":"a"}`, `{}`}, false, "no list"},
		"one without a name":         {[]string{`{"logGroups":[{}]}`}, false, "without a name"},
		"one without a name, and on": {[]string{`{"logGroups":[{}],"nextToken":"a"}`, `{"logGroups":[{"logGroupName":"g"}]}`}, false, "without a name"},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := loggroup.Get(context.Background(), giving(t, c.answers...), ref)
			assert.Equal(t, c.found, got != nil)
			if c.err != "" {
				assert.ErrorContains(t, err, c.err)
				return
			}
			assert.NoError(t, err)
		})
	}
}
