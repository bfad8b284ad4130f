package account_test

import (
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/ctcw/steampipe-plugin-ctcw/ctcw/aws/account"
)

// metadataV1 is an instance whose metadata service knows no session tokens: IMDSv1, which any program on the
// machine that forwards requests gives away.
func metadataV1(t *testing.T) string {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		const role = "/latest/meta-data/iam/security-credentials/"
		switch {
		case r.Method != http.MethodGet:
			w.WriteHeader(http.StatusForbidden)
		case r.URL.Path == role:
			fmt.Fprint(w, "audit")
		case r.URL.Path == role+"audit":
			fmt.Fprintf(w, `{"Code":"Success","AccessKeyId":"AKIAMAIN","SecretAccessKey":"secret","Expiration":%q}`, time.Now().Add(time.Hour).UTC().Format(time.RFC3339))
		default:
			w.WriteHeader(http.StatusNotFound)
		}
	}))
	t.Cleanup(server.Close)
	return server.URL
}

func TestTheMetadataSettingsOfTheSDKAreKept(t *testing.T) {
	url := metadataV1(t)
	cases := map[string]struct {
		environment map[string]string
		profile     string
		want        string // of the error; "" for none
	}{
		"endpoint of the environment":       {map[string]string{"AWS_EC2_METADATA_SERVICE_ENDPOINT": url}, "", ""},
		"endpoint of the profile":           {nil, "ec2_metadata_service_endpoint = " + url, ""},
		"IMDSv1 refused by the environment": {map[string]string{"AWS_EC2_METADATA_SERVICE_ENDPOINT": url, "AWS_EC2_METADATA_V1_DISABLED": "true"}, "", "found no AWS credentials"},
		"IMDSv1 refused by the profile":     {map[string]string{"AWS_EC2_METADATA_SERVICE_ENDPOINT": url}, "ec2_metadata_v1_disabled = true", "found no AWS credentials"},
		"disabled":                          {map[string]string{"AWS_EC2_METADATA_SERVICE_ENDPOINT": url, "AWS_EC2_METADATA_DISABLED": "true"}, "", "found no AWS credentials"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			writeFiles(t, "[default]\nregion = us-east-1\n"+c.profile+"\n", "")
			t.Setenv("AWS_EC2_METADATA_DISABLED", "")
			for variable, value := range c.environment {
				t.Setenv(variable, value)
			}
			org := one()
			id, err := self(t, account.Config{EndpointURL: serve(t, org).URL()})
			if c.want != "" {
				assert.ErrorContains(t, err, c.want)
				return
			}
			require.NoError(t, err)
			assert.Equal(t, "111111111111", id)
		})
	}
}

func TestAMetadataServiceThatDoesNotAnswerIsGivenUpSoon(t *testing.T) {
	silent, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	t.Cleanup(func() { silent.Close() })
	t.Setenv("AWS_EC2_METADATA_DISABLED", "")
	t.Setenv("AWS_EC2_METADATA_SERVICE_ENDPOINT", "http://"+silent.Addr().String())
	began := time.Now()
	_, err = self(t, account.Config{})
	assert.ErrorContains(t, err, "found no AWS credentials")
	assert.Less(t, time.Since(began), 3*time.Second)
}
