package awserr_test

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"syscall"
	"testing"

	"github.com/aws/smithy-go"
	smithyhttp "github.com/aws/smithy-go/transport/http"
	"github.com/stretchr/testify/assert"

	"github.com/ctcw/steampipe-plugin-ctcw/ctcw/aws/awserr"
)

func TestCodeAndText(t *testing.T) {
	wrap := func(err error) error {
		return &smithy.OperationError{ServiceID: "CloudTrail", OperationName: "DescribeTrails", Err: fmt.Errorf("exceeded maximum number of attempts, 9, %w", err)}
	}
	answer := func(status int, err error) error {
		return &smithyhttp.ResponseError{Response: &smithyhttp.Response{Response: &http.Response{StatusCode: status}}, Err: err}
	}
	refused := &net.OpError{Op: "dial", Net: "tcp", Addr: &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: 1}, Err: syscall.ECONNREFUSED}
	cases := []struct {
		name       string
		err        error
		code, text string
	}{
		{"nil", nil, "", ""},
		{"an answer of AWS", wrap(&smithy.GenericAPIError{Code: "AccessDeniedException", Message: "User: x\n is not authorized"}),
			"AccessDeniedException", "AccessDeniedException: User: x is not authorized"},
		{"an answer without a message", &smithy.GenericAPIError{Code: "InternalFailure"}, "InternalFailure", "InternalFailure"},
		{"a time limit", wrap(context.DeadlineExceeded), "RequestTimeout", "RequestTimeout: no answer within the time limit"},
		{"a cancelled query", wrap(context.Canceled), "RequestCanceled", "RequestCanceled: the query was cancelled"},
		{"nothing listens", wrap(refused), "ConnectionError", "ConnectionError: dial tcp 127.0.0.1:1: connection refused"},
		{"not AWS", wrap(&smithy.DeserializationError{Err: errors.New("invalid character '<'")}),
			"InvalidResponse", "InvalidResponse: the answer is not one of AWS's: invalid character '<'"},
		{"an answer without its content", awserr.InvalidResponse("no list of trails"), "InvalidResponse", "InvalidResponse: no list of trails"},
		{"an error that is not AWS's", wrap(answer(502, &smithy.GenericAPIError{Code: "UnknownError", Message: "UnknownError"})),
			"UnknownError", "UnknownError: HTTP status 502 Bad Gateway and no error code"},
		{"an error page", wrap(answer(407, errors.New("XML syntax error on line 1"))),
			"RequestError", "RequestError: HTTP status 407 Proxy Authentication Required (XML syntax error on line 1)"},
		{"a bad request that is not AWS's", wrap(answer(400, errors.New("no XML"))), "RequestError", "RequestError: HTTP status 400 Bad Request (no XML)"},
		{"an answer that is no error, and not AWS's", wrap(answer(399, errors.New("no XML"))), "RequestError", "RequestError: no XML"},
		{"an error of AWS with a status", wrap(answer(400, &smithy.GenericAPIError{Code: "ValidationError", Message: "no"})), "ValidationError", "ValidationError: no"},
		{"anything else", wrap(errors.New("boom")), "RequestError", "RequestError: boom"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			assert.Equal(t, c.code, awserr.Code(c.err))
			assert.Equal(t, c.text, awserr.Text(c.err))
		})
	}
}

func TestClasses(t *testing.T) {
	api := func(code string) error { return &smithy.GenericAPIError{Code: code} }
	assert.True(t, awserr.IsCredentials(api("ExpiredTokenException")))
	assert.True(t, awserr.IsCredentials(api("UnrecognizedClientException")))
	assert.False(t, awserr.IsCredentials(api("AccessDeniedException")))
	assert.True(t, awserr.IsNotEnabled(api("UnrecognizedClientException")))
	assert.False(t, awserr.IsNotEnabled(api("ExpiredTokenException")))
	assert.False(t, awserr.IsNotEnabled(nil))

	assert.True(t, awserr.IsBusy(api("ThrottlingException")))
	for status, busy := range map[int]bool{499: false, 500: true, 503: true} {
		answer := &smithyhttp.ResponseError{Response: &smithyhttp.Response{Response: &http.Response{StatusCode: status}}, Err: api("X")}
		assert.Equal(t, busy, awserr.IsBusy(answer), status)
	}
	assert.False(t, awserr.IsBusy(api("AccessDenied")))
	assert.True(t, awserr.IsNetwork(context.DeadlineExceeded))
	assert.False(t, awserr.IsNetwork(api("ThrottlingException")))
	assert.False(t, awserr.IsNetwork(nil))
}

func TestAnEmulatorsFailureIsNotAWSs(t *testing.T) {
	answer := func(url, contentType, requestID string, status int) error {
		r := &http.Response{StatusCode: status, Header: http.Header{}, Request: httptest.NewRequest(http.MethodPost, url, nil)}
		r.Header.Set("Content-Type", contentType)
		if requestID != "" {
			r.Header.Set("x-amzn-RequestId", requestID)
		}
		return fmt.Errorf("operation: %w", &smithyhttp.ResponseError{Response: &smithyhttp.Response{Response: r}, Err: errors.New("no CBOR")})
	}
	const page = "text/html; charset=utf-8"
	assert.True(t, awserr.IsEmulatorsFailure(answer("http://127.0.0.1:5000", page, "", 500)))
	assert.True(t, awserr.IsEmulatorsFailure(answer("http://moto:5000", page, "", 404)))
	for _, host := range []string{"monitoring.eu-west-1.amazonaws.com", "monitoring.cn-north-1.amazonaws.com.cn", "monitoring.eusc-de-east-1.amazonaws.eu",
		"vpce-0a.monitoring.eu-west-1.vpce.amazonaws.com", "monitoring.eu-west-1.api.aws", "monitoring.us-iso-east-1.c2s.ic.gov", "monitoring.us-isob-east-1.sc2s.sgov.gov"} {
		assert.False(t, awserr.IsEmulatorsFailure(answer("https://"+host, page, "", 500)), host)
	}
	assert.False(t, awserr.IsEmulatorsFailure(answer("http://127.0.0.1:5000", page, "4f2d", 500)), "AWS's own answers have a request id")
	assert.False(t, awserr.IsEmulatorsFailure(answer("http://127.0.0.1:5000", "application/cbor", "", 500)))
	assert.False(t, awserr.IsEmulatorsFailure(answer("http://127.0.0.1:5000", page, "", 503)))
	assert.False(t, awserr.IsEmulatorsFailure(answer("http://127.0.0.1:5000", page, "", 200)), "a captive portal")
	assert.False(t, awserr.IsEmulatorsFailure(nil))
	assert.True(t, awserr.IsUnknownOperation(answer("http://localhost:4566", "application/cbor", "4f2d", 501)))
}

func TestTextOnNamesWhatFailedWhereThatIsNotWhatWasAsked(t *testing.T) {
	on := func(service, operation string) error {
		return &smithy.OperationError{ServiceID: service, OperationName: operation, Err: &smithy.GenericAPIError{Code: "AccessDenied", Message: "no"}}
	}
	assert.Equal(t, "AccessDenied: no", awserr.TextOn(on("CloudWatch Logs", "DescribeLogGroups"), "logs:DescribeLogGroups"))
	assert.Equal(t, "AccessDenied: no", awserr.TextOn(on("CloudWatch", "DescribeAlarms"), "cloudwatch:DescribeAlarms"))
	assert.Equal(t, "AccessDenied: no (on logs:DescribeLogStreams)", awserr.TextOn(on("CloudWatch Logs", "DescribeLogStreams"), "logs:DescribeLogGroups"))
	assert.Equal(t, "AccessDenied: no (on sts:AssumeRole)", awserr.TextOn(on("STS", "AssumeRole"), "logs:DescribeLogGroups"))
	assert.Equal(t, "RequestError: no", awserr.TextOn(errors.New("no"), "sts:AssumeRole"), "no API failed")
	assert.Empty(t, awserr.TextOn(nil, "sts:AssumeRole"))
}
