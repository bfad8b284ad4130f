package sample_test

import (
	"crypto/sha256"
	"encoding/hex"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/ctcw/steampipe-plugin-ctcw/ctcw/sample"
)

func TestCredentials(t *testing.T) {
	org := small()
	s := serve(t, org)
	top := org.Account("top")
	static := credentials.NewStaticCredentialsProvider
	tests := []struct {
		name             string
		provider         aws.CredentialsProvider
		json, query, ec2 string
	}{
		{"right", static(top.AccessKeyID, top.SecretAccessKey, ""), "", "", ""},
		{"wrong secret", static(top.AccessKeyID, "wrong", ""),
			"InvalidSignatureException", "SignatureDoesNotMatch", "SignatureDoesNotMatch"},
		{"unknown key", static("AKIAUNKNOWN000000000", "wrong", ""),
			"UnrecognizedClientException", "InvalidClientTokenId", "AuthFailure"},
		{"unknown session", static("ASIAUNKNOWN000000000", "wrong", "token"),
			"UnrecognizedClientException", "InvalidClientTokenId", "AuthFailure"},
		{"token of nothing", static(top.AccessKeyID, top.SecretAccessKey, "token"),
			"UnrecognizedClientException", "InvalidClientTokenId", "AuthFailure"},
		{"none", aws.AnonymousCredentials{},
			"MissingAuthenticationTokenException", "MissingAuthenticationToken", "MissingAuthenticationToken"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			for action, call := range with(t, s, "us-east-1", test.provider).calls() {
				want := test.json
				switch service, _, _ := strings.Cut(action, ":"); service {
				case "sts", "sns", "cloudwatch":
					want = test.query
				case "ec2":
					want = test.ec2
				}
				assert.Equal(t, want, code(call(t.Context())), action)
			}
		})
	}
}

// TestSignatureCoversRequest changes requests after they have been signed.
func TestSignatureCoversRequest(t *testing.T) {
	org := small()
	s := serve(t, org)
	transport := &http.Transport{}
	t.Cleanup(transport.CloseIdleConnections)
	for name, meddle := range map[string]func(*http.Request){
		"body":   func(r *http.Request) { r.Body = io.NopCloser(strings.NewReader(`{"limit":2}`)) },
		"header": func(r *http.Request) { r.Header.Set("X-Amz-Target", "Logs_20140328.CreateLogGroup") },
		"host":   func(r *http.Request) { r.Host = "logs.us-east-1.amazonaws.com" },
		"path":   func(r *http.Request) { r.URL.Path = "/other" },
		"query":  func(r *http.Request) { r.URL.RawQuery = "a=b" },
		"date":   func(r *http.Request) { r.Header.Set("X-Amz-Date", "20200101T000000Z") },
		"scope": func(r *http.Request) {
			r.Header.Set("Authorization", strings.Replace(r.Header.Get("Authorization"), "us-east-1", "eu-west-1", 1))
		},
		"incomplete": func(r *http.Request) {
			header, _, _ := strings.Cut(r.Header.Get("Authorization"), ", Signature")
			r.Header.Set("Authorization", header)
		},
		"another version": func(r *http.Request) { r.Header.Set("Authorization", "AWS4-ECDSA-P256-SHA256 Credential=") },
	} {
		t.Run(name, func(t *testing.T) {
			config := as(t, s, org.Account("top"), "us-east-1").config
			config.HTTPClient = roundTripper(func(r *http.Request) (*http.Response, error) {
				meddle(r)
				return transport.RoundTrip(r)
			})
			_, err := cloudwatchlogs.NewFromConfig(config).DescribeLogGroups(t.Context(),
				&cloudwatchlogs.DescribeLogGroupsInput{Limit: aws.Int32(1)})
			assert.Equal(t, "InvalidSignatureException", code(err))
		})
	}
}

// TestSignedQuery signs a GET request, whose parameters are part of what is signed.
func TestSignedQuery(t *testing.T) {
	org := small()
	s := serve(t, org)
	top := org.Account("top")
	t.Cleanup(http.DefaultClient.CloseIdleConnections)
	query := url.Values{
		"Version": {"2011-06-15"}, "Action": {"AssumeRole"}, "RoleSessionName": {"a@b"}, "Unused": {"b c", "a+c"},
		"RoleArn": {"arn:aws:iam::222222222222:role/audit"},
	}
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet,
		s.URL()+"/?"+strings.ReplaceAll(query.Encode(), "+", "%20"), nil)
	require.NoError(t, err)
	r.Header.Set("X-Spaces", "  one   two  ")
	r.Header.Add("X-Twice", "1")
	r.Header.Add("X-Twice", "2")
	empty := sha256.Sum256(nil)
	require.NoError(t, v4.NewSigner().SignHTTP(t.Context(),
		aws.Credentials{AccessKeyID: top.AccessKeyID, SecretAccessKey: top.SecretAccessKey},
		r, hex.EncodeToString(empty[:]), "sts", "us-east-1", time.Now()))
	answer, err := http.DefaultClient.Do(r)
	require.NoError(t, err)
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	require.NoError(t, err)
	assert.Contains(t, string(text), "arn:aws:sts::222222222222:assumed-role/audit/a@b")
}

type roundTripper func(*http.Request) (*http.Response, error)

func (f roundTripper) Do(r *http.Request) (*http.Response, error) { return f(r) }

func TestWithoutSignatureCheck(t *testing.T) {
	org := small()
	s := serve(t, org, sample.WithoutSignatureCheck())
	provider := credentials.NewStaticCredentialsProvider(org.Account("member").AccessKeyID, "anything", "")
	who, err := with(t, s, "us-east-1", provider).sts.GetCallerIdentity(t.Context(), nil)
	require.NoError(t, err)
	assert.Equal(t, "222222222222", *who.Account)
}

func TestAssumeRole(t *testing.T) {
	org := small()
	s := serve(t, org)
	now := time.Now()
	s.SetClock(func() time.Time { return now })

	assume := func(from, role, externalID string) (*sts.AssumeRoleOutput, error) {
		in := &sts.AssumeRoleInput{RoleArn: &role, RoleSessionName: aws.String("auditor")}
		if externalID != "" {
			in.ExternalId = &externalID
		}
		return as(t, s, org.Account(from), "us-east-1").sts.AssumeRole(t.Context(), in)
	}
	refused := map[string][3]string{
		"not trusted":           {"outside", "arn:aws:iam::222222222222:role/audit", ""},
		"member":                {"member", "arn:aws:iam::222222222222:role/audit", ""},
		"without external id":   {"top", "arn:aws:iam::222222222222:role/path/guarded", ""},
		"wrong external id":     {"top", "arn:aws:iam::222222222222:role/path/guarded", "guess"},
		"broken":                {"top", "arn:aws:iam::222222222222:role/broken", ""},
		"no such role":          {"top", "arn:aws:iam::222222222222:role/nobody", ""},
		"no such account":       {"top", "arn:aws:iam::999999999999:role/audit", ""},
		"trusts another only":   {"top", "arn:aws:iam::333333333333:role/audit", ""},
		"name without its path": {"top", "arn:aws:iam::222222222222:role/guarded", "secret"},
	}
	for name, c := range refused {
		t.Run(name, func(t *testing.T) {
			_, err := assume(c[0], c[1], c[2])
			assert.Equal(t, "AccessDenied", code(err))
			assert.ErrorContains(t, err, "is not authorized to perform: sts:AssumeRole on resource: "+c[1])
		})
	}
	_, err := assume("top", "nonsense", "")
	assert.Equal(t, "ValidationError", code(err))
	_, err = assume("member", "arn:aws:iam::333333333333:role/audit", "")
	assert.NoError(t, err, "a role may trust whom it likes")

	out, err := assume("top", "arn:aws:iam::222222222222:role/path/guarded", "secret")
	require.NoError(t, err)
	assert.Equal(t, "arn:aws:sts::222222222222:assumed-role/guarded/auditor", *out.AssumedRoleUser.Arn)
	assert.WithinDuration(t, now.Add(time.Hour), *out.Credentials.Expiration, time.Second)
	key, secret, token := *out.Credentials.AccessKeyId, *out.Credentials.SecretAccessKey, *out.Credentials.SessionToken
	assert.Len(t, key, 20)
	assert.True(t, strings.HasPrefix(key, "ASIA"))

	session := with(t, s, "us-east-1", credentials.NewStaticCredentialsProvider(key, secret, token))
	who, err := session.sts.GetCallerIdentity(t.Context(), nil)
	require.NoError(t, err)
	assert.Equal(t, "222222222222", *who.Account)
	assert.Equal(t, *out.AssumedRoleUser.Arn, *who.Arn)

	for _, token := range []string{"", "another"} {
		lost := with(t, s, "us-east-1", credentials.NewStaticCredentialsProvider(key, secret, token))
		assert.Equal(t, "InvalidClientTokenId", code(lost.calls()["sts:GetCallerIdentity"](t.Context())))
		assert.Equal(t, "UnrecognizedClientException", code(lost.calls()["logs:DescribeLogGroups"](t.Context())))
	}

	s.SetClock(func() time.Time { return now.Add(time.Hour) })
	calls := session.calls()
	assert.Equal(t, "ExpiredToken", code(calls["sts:GetCallerIdentity"](t.Context())))
	assert.Equal(t, "RequestExpired", code(calls["ec2:DescribeRegions"](t.Context())))
	assert.Equal(t, "ExpiredTokenException", code(calls["cloudtrail:DescribeTrails"](t.Context())))
}

func TestSessionDuration(t *testing.T) {
	org := small()
	c := as(t, serve(t, org), org.Account("top"), "us-east-1")
	for seconds, want := range map[int32]string{899: "ValidationError", 900: "", 3600: "", 3601: "ValidationError"} {
		_, err := c.sts.AssumeRole(t.Context(), &sts.AssumeRoleInput{
			RoleArn: aws.String("arn:aws:iam::222222222222:role/audit"), RoleSessionName: aws.String("test"), DurationSeconds: &seconds,
		})
		assert.Equal(t, want, code(err), seconds)
	}
}

func TestSuspendedAccount(t *testing.T) {
	org := small()
	org.Account("member").Status = "SUSPENDED"
	s := serve(t, org)
	assert.Equal(t, "InvalidClientTokenId",
		code(as(t, s, org.Account("member"), "us-east-1").calls()["sts:GetCallerIdentity"](t.Context())))
	assert.Equal(t, "AccessDenied",
		code(as(t, s, org.Account("top"), "us-east-1").calls()["sts:AssumeRole"](t.Context())))
}

func TestRegionNotEnabled(t *testing.T) {
	org := small()
	org.Account("top").Regions = []string{"us-east-1"}
	s := serve(t, org)
	top := org.Account("top")
	for region, want := range map[string]map[string]string{
		"us-east-1": {},
		// An opt-in region that is not enabled.
		"me-south-1": {
			"cloudtrail:DescribeTrails": "UnrecognizedClientException", "logs:DescribeLogGroups": "UnrecognizedClientException",
			"cloudtrail:GetEventSelectors": "UnrecognizedClientException", "logs:DescribeMetricFilters": "UnrecognizedClientException",
			"logs:DescribeLogStreams": "UnrecognizedClientException", "cloudwatch:DescribeAlarms": "InvalidClientTokenId",
			"sns:GetTopicAttributes": "InvalidClientTokenId",
			"sts:GetCallerIdentity":  "InvalidClientTokenId", "ec2:DescribeRegions": "AuthFailure",
		},
		// A region that the data leaves out, though AWS always enables it.
		"eu-west-1": {
			"cloudtrail:DescribeTrails": "UnrecognizedClientException", "logs:DescribeLogGroups": "UnrecognizedClientException",
			"cloudtrail:GetEventSelectors": "UnrecognizedClientException", "logs:DescribeMetricFilters": "UnrecognizedClientException",
			"logs:DescribeLogStreams": "UnrecognizedClientException", "cloudwatch:DescribeAlarms": "InvalidClientTokenId",
			"sns:GetTopicAttributes": "InvalidClientTokenId",
		},
	} {
		calls := as(t, s, top, region).calls()
		for _, action := range []string{
			"cloudtrail:DescribeTrails", "logs:DescribeLogGroups", "sts:GetCallerIdentity", "ec2:DescribeRegions", "organizations:ListAccounts",
			"cloudtrail:GetEventSelectors", "logs:DescribeMetricFilters", "logs:DescribeLogStreams", "cloudwatch:DescribeAlarms",
			"sns:GetTopicAttributes",
		} {
			assert.Equal(t, want[action], code(calls[action](t.Context())), "%s in %s", action, region)
		}
	}
}

// TestUnknownOperations sends what no SDK client of this package sends.
func TestUnknownOperations(t *testing.T) {
	org := small()
	s := serve(t, org, sample.WithoutSignatureCheck())
	send := func(target, form, service string) (int, string) {
		path, rpc := strings.CutPrefix(target, "/")
		r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, s.URL()+"/"+path, strings.NewReader(form))
		require.NoError(t, err)
		if rpc {
			r.Header.Set("Smithy-Protocol", "rpc-v2-cbor")
			target = ""
		} else {
			r.URL.Path = "/"
		}
		if target != "" {
			r.Header.Set("X-Amz-Target", target)
		}
		r.Header.Set("Authorization", "AWS4-HMAC-SHA256 Credential="+org.Account("top").AccessKeyID+"/20260314/us-east-1/"+service+
			"/aws4_request, SignedHeaders=host, Signature=00")
		answer, err := http.DefaultClient.Do(r)
		require.NoError(t, err)
		defer answer.Body.Close()
		assert.NotEmpty(t, answer.Header.Get("X-Amzn-Requestid"))
		text, err := io.ReadAll(answer.Body)
		require.NoError(t, err)
		return answer.StatusCode, string(text)
	}
	t.Cleanup(http.DefaultClient.CloseIdleConnections)

	tests := []struct{ name, target, form, service, want string }{
		{"operation", "CloudTrail_20131101.Nothing", "{}", "cloudtrail", `{"__type":"UnknownOperationException"}`},
		{"API", "TrentService.ListKeys", "{}", "kms", `{"__type":"UnknownOperationException"}`},
		{"target without API", "ListKeys", "{}", "kms", `{"__type":"UnknownOperationException"}`},
		{"query operation", "", "Action=Nothing&Version=2011-06-15", "sts", "<Code>InvalidAction</Code>"},
		{"EC2 operation", "", "Action=Nothing&Version=2016-11-15", "ec2", "<Response><Errors><Error><Code>InvalidAction</Code>"},
		{"query API", "", "Action=ListUsers&Version=2010-05-08", "iam", "<Code>InvalidAction</Code>"},
		{"no action", "", "", "s3", "<Code>InvalidAction</Code>"},
		{"wrong scope", "Logs_20140328.DescribeLogGroups", "{}", "cloudtrail", "correct service: 'logs'"},
		{"not JSON", "Logs_20140328.DescribeLogGroups", "{", "logs", "SerializationException"},
		{"CBOR operation", "/service/GraniteServiceVersion20100801/operation/ListMetrics", "", "monitoring", "UnknownOperationException"},
		{"CBOR API", "/service/TrentService/operation/ListKeys", "", "kms", "UnknownOperationException"},
		{"an API that does not speak CBOR", "/service/Logs_20140328/operation/DescribeLogGroups", "", "logs", "UnknownOperationException"},
		{"not a path of CBOR", "/service/GraniteServiceVersion20100801", "", "monitoring", "UnknownOperationException"},
		{"not CBOR", "/service/GraniteServiceVersion20100801/operation/DescribeAlarms", "\xff", "monitoring", "SerializationException"},
		{"CBOR that is no structure", "/service/GraniteServiceVersion20100801/operation/DescribeAlarms", "\x01", "monitoring", "SerializationException"},
		{"wrong scope in CBOR", "/service/GraniteServiceVersion20100801/operation/DescribeAlarms", "", "logs", "correct service: 'monitoring'"},
		{"query of CloudWatch", "", "Action=DescribeAlarms&Version=2010-08-01", "monitoring", "<Code>InvalidAction</Code>"},
		{"topic without ARN", "", "Action=GetTopicAttributes&Version=2010-03-31", "sns", "<Code>InvalidParameter</Code>"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			status, body := send(test.target, test.form, test.service)
			assert.Contains(t, []int{http.StatusBadRequest, http.StatusForbidden, http.StatusNotFound}, status)
			assert.Contains(t, body, test.want)
		})
	}
	assert.Equal(t, 1, s.Calls().Of("kms:*")+s.Calls().Of("cloudtrail:Nothing"))
}
