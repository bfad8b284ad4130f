package trail

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/stretchr/testify/assert"
)

// endpoint answers everything with what answer makes of a request's body.
func endpoint(t *testing.T, answer func(body string) string) regional {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		w.Header().Set("Content-Type", "application/x-amz-json-1.1")
		io.WriteString(w, answer(string(body))) //nolint:errcheck // the client is there
	}))
	t.Cleanup(server.Close)
	return regional{server.URL}
}

type regional struct{ url string }

func (r regional) In(region string) aws.Config {
	return aws.Config{Region: region, BaseEndpoint: &r.url, Credentials: credentials.NewStaticCredentialsProvider("AKIA", "secret", "")}
}

func TestTagsComeInPages(t *testing.T) {
	tags := func(list, token string) string {
		return `{"ResourceTagList":[{"ResourceId":"` + own + `","TagsList":[` + list + `]}]` + token + `}`
	}
	const more = `,"NextToken":"more"`
	got, err := GetTags(t.Context(), endpoint(t, func(body string) string {
		if strings.Contains(body, "NextToken") {
			return tags(`{"Key":"b","Value":"2"}`, "")
		}
		return tags(`{"Key":"a","Value":"1"}`, more)
	}), sight(home))
	assert.NoError(t, err)
	assert.Equal(t, map[string]string{"a": "1", "b": "2"}, got)

	_, err = GetTags(t.Context(), endpoint(t, func(string) string { return tags(``, more) }), sight(home))
	assert.ErrorContains(t, err, "the same NextToken twice")

	got, err = GetTags(t.Context(), endpoint(t, func(string) string { return tags(``, "") }), sight(home))
	assert.NoError(t, err)
	assert.Equal(t, map[string]string{}, got)

	_, err = GetTags(t.Context(), endpoint(t, func(string) string { return `{"ResourceTagList":[]}` }), sight(home))
	assert.ErrorContains(t, err, "no list of this trail's tags")
	_, err = GetTags(t.Context(), endpoint(t, func(string) string { return tags(`{"Value":"1"}`, "") }), sight(home))
	assert.ErrorContains(t, err, "a tag without a key")
}
