package account_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/ctcw/steampipe-plugin-ctcw/ctcw/aws/account"
	"github.com/ctcw/steampipe-plugin-ctcw/ctcw/base/operator"
	"github.com/ctcw/steampipe-plugin-ctcw/ctcw/sample"
)

// answering is an endpoint that answers everything alike.
func answering(t *testing.T, status int, body string) string {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(status)
		fmt.Fprint(w, body)
	}))
	t.Cleanup(server.Close)
	return server.URL
}

func TestWhatSTSAnswersIsExplained(t *testing.T) {
	refused := func(code string) string {
		return "<ErrorResponse><Error><Code>" + code + "</Code><Message>because</Message></Error></ErrorResponse>"
	}
	const partitions = `default_region too, for example "us-gov-west-1" or "cn-north-1"`
	cases := map[string]struct {
		status    int
		body      string
		region    string
		want, not string
	}{
		"502 without a body":       {502, "", "", "(UnknownError: HTTP status 502 Bad Gateway and no error code)", "UnknownError: UnknownError"},
		"502 of a proxy":           {502, "<html><body><hr></body></html>", "", "HTTP status 502 Bad Gateway", "UnknownError"},
		"STS is off in the region": {403, refused("RegionDisabledException"), "me-south-1", "AWS STS is switched off in region me-south-1 for this account (RegionDisabledException: because): set default_region to another region", "access_key"},
		"a key that nobody knows":  {403, refused("InvalidClientTokenId"), "", partitions, "sign in"},
		"the same with a region":   {403, refused("InvalidClientTokenId"), "eu-west-1", "AWS refuses the credentials", partitions},
		"expired":                  {403, refused("ExpiredToken"), "", "have expired", partitions},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			config := keysOf(one())
			config.EndpointURL, config.DefaultRegion, config.MaxAttempts = answering(t, c.status, c.body), c.region, 1
			_, err := self(t, config)
			require.Error(t, err)
			assert.Contains(t, err.Error(), c.want)
			assert.NotContains(t, err.Error(), c.not)
		})
	}
}

func TestWhatSTSAnswersOfAProfilesRoleIsExplained(t *testing.T) {
	t.Setenv("AWS_MAX_ATTEMPTS", "1")
	for want, url := range map[string]string{
		`cannot get AWS credentials of profile "audit" now (UnknownError: HTTP status 502 Bad Gateway and no error code): try again later`: answering(t, 502, ""),
		"AWS STS is switched off in region us-east-1":                   answering(t, 403, "<ErrorResponse><Error><Code>RegionDisabledException</Code><Message>m</Message></Error></ErrorResponse>"),
		"credentials of AWS GovCloud (US) or China need default_region": answering(t, 403, "<ErrorResponse><Error><Code>InvalidClientTokenId</Code><Message>m</Message></Error></ErrorResponse>"),
	} {
		writeFiles(t, roleProfile, mainKeys)
		_, err := self(t, account.Config{Profile: "audit", EndpointURL: url})
		assert.ErrorContains(t, err, want)
	}
}

func TestCredentialsOfAnotherPartitionNeedARegion(t *testing.T) {
	org := one()
	org.Partition = "aws-us-gov"
	server := serve(t, org)
	config := keysOf(org)
	config.EndpointURL = server.URL()
	_, err := self(t, config)
	assert.ErrorContains(t, err, "default_region")
	config.DefaultRegion = "us-gov-west-1"
	id, err := self(t, config)
	require.NoError(t, err)
	assert.Equal(t, "111111111111", id)
}

// with runs a connection for a person who answers so.
func with(t *testing.T, p *person, config account.Config) error {
	t.Helper()
	ctx := operator.With(context.Background(), p)
	c, err := account.Open(ctx, config)
	if err == nil {
		_, err = c.Self(ctx)
	}
	return err
}

func TestTheCodeOfMFAIsAskedFor(t *testing.T) {
	const device = "arn:aws:iam::111111111111:mfa/me"
	server := sample.New(one())
	var serials, codes []string
	endpoint := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		form := formOf(r)
		if form.Get("Action") == "AssumeRole" {
			serials, codes = append(serials, form.Get("SerialNumber")), append(codes, form.Get("TokenCode"))
		}
		server.ServeHTTP(w, r)
	}))
	t.Cleanup(endpoint.Close)
	writeFiles(t, roleProfile+"mfa_serial = "+device+"\n", mainKeys)
	config := account.Config{Profile: "audit", EndpointURL: endpoint.URL}

	p := &person{answer: "123456"}
	require.NoError(t, with(t, p, config))
	assert.Equal(t, []string{"Enter the MFA code of " + device + ": "}, p.asked)
	assert.Equal(t, []string{device}, serials)
	assert.Equal(t, []string{"123456"}, codes)

	assert.EqualError(t, with(t, &person{err: operator.ErrNobody}, config), `profile "audit" needs an MFA code (of `+device+`), and there is no terminal to ask on: `+
		`sign in with "aws sts get-caller-identity --profile audit", and name a profile that has credential_process = aws configure export-credentials --profile audit`)
	assert.EqualError(t, with(t, &person{}, config), "no MFA code of "+device+" was entered")
	assert.EqualError(t, with(t, &person{err: errors.New("EOF")}, config), "there is no MFA code of "+device+": EOF")

	t.Setenv("AWS_PROFILE", "audit")
	assert.ErrorContains(t, with(t, &person{err: operator.ErrNobody}, account.Config{}), `profile "audit" needs an MFA code`)
}
