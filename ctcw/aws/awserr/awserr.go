// Package awserr puts the errors of AWS calls into the words that rows and error messages show.
package awserr

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"regexp"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws/retry"
	"github.com/aws/smithy-go"
	smithyhttp "github.com/aws/smithy-go/transport/http"
)

// Codes for failures that AWS did not answer with a code of its own.
const (
	CodeTimeout         = "RequestTimeout"
	CodeCanceled        = "RequestCanceled"
	CodeConnection      = "ConnectionError"
	CodeInvalidResponse = "InvalidResponse"
	CodeOther           = "RequestError"
	// CodeUnreachable is that of calls that were not made, as their region did not answer those of other accounts.
	CodeUnreachable = "RegionUnreachable"

	codeUnknown = "UnknownError" // what the AWS SDK makes of an error answer without a code: not AWS's
)

// InvalidResponse is an answer that AWS would not give: a success without what it must contain.
// Believing it would turn a broken proxy into "there is none".
type InvalidResponse string

func (e InvalidResponse) Error() string { return string(e) }

// Own is an error of this program's that has a code, as AWS's have.
type Own struct{ Code, Text string }

var _ smithy.APIError = (*Own)(nil)

func (e *Own) Error() string { return e.Text }

// ErrorCode, ErrorMessage and ErrorFault implement [smithy.APIError], by which errors are told apart.
func (e *Own) ErrorCode() string             { return e.Code }
func (e *Own) ErrorMessage() string          { return e.Text }
func (e *Own) ErrorFault() smithy.ErrorFault { return smithy.FaultUnknown }

// Code returns the error code: AWS's own, or one of the Code constants. It is empty for nil.
func Code(err error) string {
	var (
		api         smithy.APIError
		deserialize *smithy.DeserializationError
		invalid     InvalidResponse
		network     net.Error
		op          *net.OpError
	)
	switch {
	case err == nil:
		return ""
	case errors.As(err, &api):
		return api.ErrorCode()
	case errors.Is(err, context.DeadlineExceeded), errors.As(err, &network) && network.Timeout():
		return CodeTimeout
	case errors.Is(err, context.Canceled):
		return CodeCanceled
	case errors.As(err, &deserialize), errors.As(err, &invalid):
		return CodeInvalidResponse
	case errors.As(err, &op), isConnection(err):
		return CodeConnection
	default:
		return CodeOther
	}
}

// Text returns "code: message" on one line, without request ids and SDK wrapping. It is empty for nil.
func Text(err error) string {
	if err == nil {
		return ""
	}
	message := strings.Join(strings.Fields(message(err)), " ")
	if message == "" {
		return Code(err)
	}
	return fmt.Sprintf("%s: %s", Code(err), message)
}

func message(err error) string {
	var (
		api         smithy.APIError
		deserialize *smithy.DeserializationError
		op          *net.OpError
	)
	switch {
	case errors.As(err, &api) && api.ErrorMessage() == codeUnknown && httpStatus(err) != "":
		return httpStatus(err) + " and no error code"
	case errors.As(err, &api):
		return api.ErrorMessage()
	case Code(err) == CodeTimeout:
		return "no answer within the time limit"
	case Code(err) == CodeCanceled:
		return "the query was cancelled"
	case errors.As(err, &deserialize) && httpStatus(err) != "":
		return httpStatus(err) + ", and the answer is not one of AWS's"
	case errors.As(err, &deserialize):
		return "the answer is not one of AWS's: " + deserialize.Err.Error()
	case errors.As(err, &op):
		return op.Error()
	case httpStatus(err) != "":
		return fmt.Sprintf("%s (%s)", httpStatus(err), innermost(err))
	default:
		return innermost(err).Error()
	}
}

// httpStatus returns the status of an answer that is an error, "" when there is none.
func httpStatus(err error) string {
	var response *smithyhttp.ResponseError
	if !errors.As(err, &response) || response.HTTPStatusCode() < 400 {
		return ""
	}
	return strings.TrimSpace(fmt.Sprintf("HTTP status %d %s", response.HTTPStatusCode(), http.StatusText(response.HTTPStatusCode())))
}

// TextOn is [Text] with the API that failed, as IAM names it, where that is not the one asked: a timeout of
// sts:AssumeRole does not tell what of.
func TextOn(err error, asked string) string {
	var operation *smithy.OperationError
	if !errors.As(err, &operation) {
		return Text(err)
	}
	service := strings.ToLower(operation.ServiceID)
	if service == "cloudwatch logs" {
		service = "logs"
	}
	if name := service + ":" + operation.OperationName; name != asked {
		return fmt.Sprintf("%s (on %s)", Text(err), name)
	}
	return Text(err)
}

// innermost drops what the SDK wraps around a cause: operation, attempt count, request id.
func innermost(err error) error {
	for {
		next := errors.Unwrap(err)
		if next == nil {
			return err
		}
		err = next
	}
}

func isConnection(err error) bool {
	return retry.RetryableConnectionError{}.IsErrorRetryable(err).Bool()
}

// credentialCodes are the answers to a request whose credentials are no good, in the words of the
// three protocols that the plugin speaks.
var credentialCodes = []string{
	"AuthFailure", "ExpiredToken", "ExpiredTokenException", "IncompleteSignature", "InvalidAccessKeyId",
	"InvalidClientTokenId", "InvalidSignatureException", "MissingAuthenticationToken",
	"MissingAuthenticationTokenException", "RequestExpired", "SignatureDoesNotMatch", "UnrecognizedClientException",
}

// IsCredentials reports whether AWS refused the credentials themselves, not what they may do.
func IsCredentials(err error) bool { return slices.Contains(credentialCodes, Code(err)) }

// IsDenied reports whether AWS refuses what was asked, for want of a permission or by a policy. It says so of a role
// that does not exist too.
func IsDenied(err error) bool {
	return slices.Contains([]string{"AccessDenied", "AccessDeniedException", "UnauthorizedOperation", "AuthorizationError", "AuthorizationErrorException"}, Code(err))
}

// IsUnknownOperation reports whether the endpoint does not know the API: AWS has not got it in that region, or it is an
// emulator.
func IsUnknownOperation(err error) bool {
	var response *smithyhttp.ResponseError
	return errors.As(err, &response) && response.HTTPStatusCode() == http.StatusNotImplemented || slices.Contains([]string{
		"UnknownOperationException", "UnknownOperation", "InvalidAction", "UnsupportedOperation", "UnsupportedOperationException", "NotImplemented",
	}, Code(err))
}

// IsEmulatorsFailure reports whether an emulator of AWS fell over what it was asked: a server error or 404 as a page of
// HTML, which is how moto answers what it does not know. AWS's own endpoints have other hosts, and their answers a
// request id.
func IsEmulatorsFailure(err error) bool {
	var failed *smithyhttp.ResponseError
	if !errors.As(err, &failed) || failed.Response == nil || failed.Response.Response == nil || failed.Response.Request == nil {
		return false
	}
	answer := failed.Response.Response
	page := strings.HasPrefix(answer.Header.Get("Content-Type"), "text/html") &&
		answer.Header.Get("X-Amzn-Requestid") == "" && answer.Header.Get("X-Amz-Request-Id") == ""
	status := answer.StatusCode == http.StatusInternalServerError || answer.StatusCode == http.StatusNotFound
	return page && status && !awsHost.MatchString(answer.Request.URL.Hostname())
}

// awsHost matches the hosts of AWS's endpoints in every partition.
var awsHost = regexp.MustCompile(`\.(amazonaws\.[a-z.]+|amazonwebservices\.com\.cn|api\.aws|adc-e\.uk|ic\.gov|sgov\.gov)$`)

// IsNetwork reports whether no answer of AWS arrived: none, or one that is not AWS's.
func IsNetwork(err error) bool {
	switch Code(err) {
	case CodeTimeout, CodeConnection, CodeUnreachable, CodeInvalidResponse, CodeOther, codeUnknown:
		return true
	}
	return false
}

// IsBusy reports whether AWS throttles or is itself at fault, so that the same may work later.
func IsBusy(err error) bool {
	var response *smithyhttp.ResponseError
	_, throttled := retry.DefaultThrottleErrorCodes[Code(err)]
	return throttled || errors.As(err, &response) && response.HTTPStatusCode() >= 500
}

// IsNotEnabled reports whether err is what a region that the account has not enabled answers. The
// same codes mean bad credentials elsewhere: ask only when the credentials are known to be good.
func IsNotEnabled(err error) bool {
	switch Code(err) {
	case "UnrecognizedClientException", "InvalidClientTokenId", "AuthFailure", "OptInRequired":
		return true
	}
	return false
}
