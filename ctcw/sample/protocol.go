package sample

import (
	"bytes"
	"cmp"
	"encoding/json"
	"encoding/xml"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/aws/smithy-go/encoding/cbor"
)

// apiError is an error answer, as the service that gives it words it.
type apiError struct {
	status  int
	code    string
	message string
}

func invalid(code, message string) *apiError {
	return &apiError{http.StatusBadRequest, code, message}
}

// blame says whose fault an error is, in the words of AWS query.
func (e *apiError) blame() string {
	if e.status >= http.StatusInternalServerError {
		return "Receiver"
	}
	return "Sender"
}

// service is an AWS API: how it is addressed, how it words the errors that every service has, and its operations.
type service struct {
	name       string // in the credential scope
	format     format
	namespace  string // of its XML
	operations map[string]operation

	// queryCodes are the codes that the errors of a service had when it spoke AWS query, by their names of today. Clients that
	// ask for them get them in a header, which the SDKs believe rather than the body.
	queryCodes map[string]string

	missingAuthentication apiError
	unknownKey            apiError // also what a region that is not enabled answers
	badSignature          apiError
	expiredToken          apiError
	accessDenied          apiError // has no message when AWS says who lacks which permission
	throttled             apiError
	failure               apiError
	unknownOperation      apiError
}

// operation is one action of a service.
type operation struct {
	action string // as in IAM policies
	set    ActionSet
	denied string // the action as a denial spells it, where that differs
	// resource is what a denial of the action names as its resource; nil when AWS names none.
	resource func(*request) string
	// run appends the answer to out.
	run func(q *request, out []byte) ([]byte, *apiError)
}

// format is a wire protocol, as far as answers differ.
type format int

const (
	formatJSON   format = iota // AWS JSON 1.1
	formatJSON10               // AWS JSON 1.0
	formatCBOR                 // Smithy RPC v2 CBOR
	formatQuery                // AWS query
	formatEC2                  // EC2 query
)

// rpcV2CBOR is how Smithy RPC v2 CBOR names itself in a header.
const rpcV2CBOR = "rpc-v2-cbor"

// services lists every API by the way it is addressed: the JSON ones by the first part of X-Amz-Target, the CBOR ones by the
// second part of the path, the query ones by the version of their API.
var services = map[string]*service{
	"CloudTrail_20131101": cloudtrail, // the Go SDK
	"com.amazonaws.cloudtrail.v20131101.CloudTrail_20131101": cloudtrail, // botocore
	"Logs_20140328":             logs,
	"AWSOrganizationsV20161128": organizations,
	cloudwatchAPI:               cloudwatch,
	"2011-06-15":                sts,
	"2010-03-31":                sns,
	"2016-11-15":                ec2,
}

// ActionSet is a part of the actions that are served: what one kind of question needs, and so what one policy allows.
type ActionSet int

const (
	// BaseActions are those about trails and their log groups, and those that everything else begins with.
	BaseActions ActionSet = iota
	// TagActions are those about the tags of trails.
	TagActions
	// OrganizationActions list an organization and get into its accounts.
	OrganizationActions
	// SelectorActions are those about which events trails record.
	SelectorActions
	// AlarmActions are those about metric filters, alarms and topics.
	AlarmActions
	// StreamActions are those about what arrives in log groups.
	StreamActions
)

// Actions returns the actions that are served, as IAM policies name them, sorted: those of some sets, or all when none is named.
// Any other is an error, so a caller that works against a Server calls these and none else.
func Actions(sets ...ActionSet) []string {
	unique := map[string]bool{}
	for _, s := range services {
		for _, o := range s.operations {
			if len(sets) == 0 || slices.Contains(sets, o.set) {
				unique[o.action] = true
			}
		}
	}
	return slices.Sorted(maps.Keys(unique))
}

// Requests that address no known API get an error from one of these, in the protocol that they seem to speak.
var (
	unknownJSON  = newJSONService("", nil)
	unknownCBOR  = newCBORService("", nil)
	unknownQuery = newQueryService("", formatQuery, "", nil)
)

// newJSONService makes a service that speaks JSON 1.1, with the errors as most of them word them.
func newJSONService(name string, operations map[string]operation) *service {
	return &service{
		name:       name,
		format:     formatJSON,
		operations: operations,
		missingAuthentication: apiError{http.StatusBadRequest, "MissingAuthenticationTokenException",
			"Missing Authentication Token"},
		unknownKey: apiError{http.StatusBadRequest, "UnrecognizedClientException",
			"The security token included in the request is invalid."},
		badSignature:     apiError{http.StatusBadRequest, "InvalidSignatureException", badSignature},
		expiredToken:     apiError{http.StatusBadRequest, "ExpiredTokenException", expiredToken},
		accessDenied:     apiError{http.StatusBadRequest, codeAccessDenied, ""},
		throttled:        apiError{http.StatusBadRequest, "ThrottlingException", "Rate exceeded"},
		failure:          apiError{http.StatusInternalServerError, "InternalFailure", ""},
		unknownOperation: apiError{http.StatusBadRequest, "UnknownOperationException", ""},
	}
}

// newQueryService makes a service that speaks AWS query, with the errors as STS words them.
func newQueryService(name string, f format, namespace string, operations map[string]operation) *service {
	return &service{
		name:       name,
		format:     f,
		namespace:  namespace,
		operations: operations,
		missingAuthentication: apiError{http.StatusForbidden, "MissingAuthenticationToken",
			"Request is missing Authentication Token"},
		unknownKey: apiError{http.StatusForbidden, "InvalidClientTokenId",
			"The security token included in the request is invalid."},
		badSignature: apiError{http.StatusForbidden, "SignatureDoesNotMatch", badSignature},
		expiredToken: apiError{http.StatusForbidden, "ExpiredToken", expiredToken},
		accessDenied: apiError{http.StatusForbidden, "AccessDenied", ""},
		throttled:    apiError{http.StatusBadRequest, "Throttling", "Rate exceeded"},
		failure: apiError{http.StatusInternalServerError, "InternalFailure",
			"The request processing has failed because of an unknown error, exception or failure."},
		unknownOperation: apiError{http.StatusBadRequest, "InvalidAction",
			"Could not find the operation in this version of the API."},
	}
}

const (
	codeAccessDenied = "AccessDeniedException"
	expiredToken     = "The security token included in the request is expired"
	badSignature     = "The request signature we calculated does not match the signature you provided. " +
		"Check your AWS Secret Access Key and signing method. Consult the service documentation for details."
)

// request is a request understood: what is asked, by whom, and for which region.
type request struct {
	server *Server
	index  *index

	service   *service
	format    format // one of those that the service speaks
	operation operation
	name      string // of the operation, even of one that does not exist
	body      []byte
	form      url.Values // of query protocols
	queryMode bool       // whether the client asks for the codes that errors had in AWS query

	region string
	caller caller
	fault  FaultKind
	id     string
}

// caller is who signed the request.
type caller struct {
	*member
	arn    string
	userID string
}

// address finds the service and operation a request asks for. A request for nothing known still gets a service, whose errors
// are in the protocol that the client seems to speak.
func (q *request) address(r *http.Request) {
	var api string
	known := func(speaks ...format) bool {
		q.service = services[api]
		return q.service != nil && slices.Contains(speaks, q.service.format)
	}
	q.queryMode = r.Header.Get("X-Amzn-Query-Mode") == "true"
	switch target := r.Header.Get("X-Amz-Target"); {
	case target != "":
		api, q.name = cutLast(target)
		if !known(formatJSON, formatCBOR) {
			q.service = unknownJSON
		}
		q.format = formatJSON
		if q.service.format == formatCBOR {
			q.format = formatJSON10
		}
	case r.Header.Get("Smithy-Protocol") == rpcV2CBOR:
		api, q.name = cutRPC(r.URL.Path)
		if !known(formatCBOR) {
			q.service = unknownCBOR
		}
		q.format = formatCBOR
	default:
		text := r.URL.RawQuery
		if r.Method == http.MethodPost {
			text = string(q.body)
		}
		// What cannot be parsed lacks an action, which is answered below.
		q.form, _ = url.ParseQuery(text)
		api, q.name = q.form.Get("Version"), q.form.Get("Action")
		if !known(formatQuery, formatEC2) {
			q.service = unknownQuery
		}
		q.format = q.service.format
	}
	q.operation = q.service.operations[q.name]
}

func cutLast(target string) (api, name string) {
	i := strings.LastIndexByte(target, '.')
	return target[:max(i, 0)], target[i+1:]
}

// cutRPC takes the path of an RPC apart: /service/API/operation/NAME.
func cutRPC(path string) (api, name string) {
	parts := strings.Split(path, "/")
	if len(parts) != 5 || parts[1] != "service" || parts[3] != "operation" {
		return "", ""
	}
	return parts[2], parts[4]
}

// action names what is asked as IAM policies and Calls do.
func (q *request) action() string {
	if q.operation.action != "" {
		return q.operation.action
	}
	return q.service.name + ":" + q.name
}

// resource is what a denial names as the resource; empty when AWS names none.
func (q *request) resource() string {
	if q.operation.resource == nil {
		return ""
	}
	return q.operation.resource(q)
}

// decode reads the members of a JSON request.
func (q *request) decode(v any) *apiError {
	if len(q.body) == 0 {
		return nil
	}
	if err := json.Unmarshal(q.body, v); err != nil {
		return invalid("SerializationException", err.Error())
	}
	return nil
}

// run checks the permission for the operation and performs it.
func (q *request) run(out []byte) ([]byte, *apiError) {
	if q.operation.run == nil {
		return nil, &q.service.unknownOperation
	}
	switch q.fault {
	case AccessDenied:
		return nil, q.denied(false)
	case SCPDenied:
		return nil, q.denied(true)
	case Throttled:
		return nil, &q.service.throttled
	case ServerError:
		return nil, &q.service.failure
	case NotEnabled:
		return nil, &q.service.unknownKey
	case ExpiredToken:
		return nil, &q.service.expiredToken
	}
	if q.operation.action != actionGetCallerIdentity {
		if d, found := q.caller.denial(q.operation.action, q.region); found {
			return nil, q.denied(d.SCP)
		}
	}
	return q.operation.run(q, out)
}

// denied is the answer to a caller who lacks the permission, in the words of AWS.
func (q *request) denied(scp bool) *apiError {
	e := q.service.accessDenied
	if e.message != "" && !scp {
		return &e
	}
	action := cmp.Or(q.operation.denied, q.operation.action)
	text := "User: " + q.caller.arn + " is not authorized to perform: " + action
	if resource := q.resource(); resource != "" {
		text += " on resource: " + resource
	}
	if scp {
		text += " with an explicit deny in a service control policy"
	} else {
		text += " because no identity-based policy allows the " + action + " action"
	}
	e.message = text
	return &e
}

// writeError appends an error answer.
func (q *request) writeError(out []byte, e *apiError) []byte {
	switch q.format {
	case formatCBOR:
		member := "message"
		if e.code == codeResourceNotFound {
			member = "Message"
		}
		return append(out, cbor.Encode(cbor.Map{"__type": cbor.String(e.code), member: cbor.String(e.message)})...)
	case formatEC2:
		return append(out, xml.Header+`<Response><Errors><Error><Code>`+e.code+`</Code><Message>`+escape(e.message)+
			`</Message></Error></Errors><RequestID>`+q.id+`</RequestID></Response>`...)
	case formatQuery:
		return append(out, `<ErrorResponse xmlns="`+q.service.namespace+`"><Error><Type>`+e.blame()+`</Type><Code>`+e.code+
			`</Code><Message>`+escape(e.message)+`</Message></Error><RequestId>`+q.id+`</RequestId></ErrorResponse>`...)
	default:
		out = append(out, `{"__type":"`+e.code+`"`...)
		if e.message != "" {
			// IAM's denials spell the member with a capital, nearly everything else does not.
			member := "message"
			if e.code == codeAccessDenied {
				member = "Message"
			}
			out = append(out, `,"`+member+`":`...)
			out = append(out, marshal(e.message)...)
		}
		return append(out, '}')
	}
}

// contentType is that of an answer.
func (f format) contentType() string {
	switch f {
	case formatCBOR:
		return "application/cbor"
	case formatJSON10:
		return "application/x-amz-json-1.0"
	case formatEC2:
		return "text/xml;charset=UTF-8"
	case formatQuery:
		return "text/xml"
	default:
		return "application/x-amz-json-1.1"
	}
}

// join appends JSON values separated by commas, as the elements of a list that has count elements so far.
func join(out []byte, count int, value []byte) []byte {
	if count > 0 {
		out = append(out, ',')
	}
	return append(out, value...)
}

// escape makes text fit to stand in XML.
func escape(text string) string {
	var b bytes.Buffer
	// A bytes.Buffer does not fail.
	_ = xml.EscapeText(&b, []byte(text))
	return b.String()
}

// list reads a list parameter of a query protocol: Name.1, Name.2 and so on.
func list(form url.Values, name string) []string {
	var values []string
	for i := 1; ; i++ {
		value, found := form[name+"."+strconv.Itoa(i)]
		if !found {
			return values
		}
		values = append(values, value[0])
	}
}
