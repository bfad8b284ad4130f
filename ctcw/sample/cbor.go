package sample

import (
	"encoding/json"
	"math"
	"net/http"
	"time"

	"github.com/aws/smithy-go/encoding/cbor"
)

// newCBORService makes a service that speaks Smithy RPC v2 CBOR and AWS JSON 1.0 and spoke AWS query before, with the errors as
// CloudWatch words them.
func newCBORService(name string, operations map[string]operation) *service {
	return &service{
		name:       name,
		format:     formatCBOR,
		operations: operations,
		missingAuthentication: apiError{http.StatusForbidden, "MissingAuthenticationTokenException",
			"Request is missing Authentication Token"},
		unknownKey: apiError{http.StatusForbidden, "UnrecognizedClientException",
			"The security token included in the request is invalid."},
		badSignature:     apiError{http.StatusForbidden, "InvalidSignatureException", badSignature},
		expiredToken:     apiError{http.StatusForbidden, "ExpiredTokenException", expiredToken},
		accessDenied:     apiError{http.StatusForbidden, codeAccessDenied, ""},
		throttled:        apiError{http.StatusBadRequest, "ThrottlingException", "Rate exceeded"},
		failure:          apiError{http.StatusInternalServerError, "InternalFailure", ""},
		unknownOperation: apiError{http.StatusNotFound, "UnknownOperationException", ""},
		queryCodes: map[string]string{
			"MissingAuthenticationTokenException": "MissingAuthenticationToken",
			"UnrecognizedClientException":         "InvalidClientTokenId",
			"InvalidSignatureException":           "SignatureDoesNotMatch",
			"ExpiredTokenException":               "ExpiredToken",
			codeAccessDenied:                      "AccessDenied",
			"ThrottlingException":                 "Throttling",
			"UnknownOperationException":           "InvalidAction",
			"InvalidParameterValueException":      "InvalidParameterValue",
			codeValidation:                        "ValidationError",
		},
	}
}

// queryError is what the header says in which clients look for the code that an error had in AWS query.
func (s *service) queryError(e *apiError) string {
	code, found := s.queryCodes[e.code]
	if !found {
		code = e.code
	}
	return code + ";" + e.blame()
}

const (
	codeValidation       = "ValidationException"
	codeResourceNotFound = "ResourceNotFoundException"
)

// valued makes the run of an operation out of a function of values, which knows nothing of the format.
func valued(answer func(q *request, in values) (values, *apiError)) func(*request, []byte) ([]byte, *apiError) {
	return func(q *request, out []byte) ([]byte, *apiError) {
		in, e := q.values()
		if e != nil {
			return nil, e
		}
		members, e := answer(q, in)
		if e != nil {
			return nil, e
		}
		if q.format == formatCBOR {
			return append(out, cbor.Encode(cbor.Map(members))...), nil
		}
		return append(out, marshal(plain(cbor.Map(members)))...), nil
	}
}

// values are the members of a structure.
type values cbor.Map

// values reads the members of a request.
func (q *request) values() (values, *apiError) {
	var document cbor.Value = cbor.Map{}
	var err error
	switch {
	case len(q.body) == 0:
	case q.format == formatCBOR:
		document, err = cbor.Decode(q.body)
	default:
		var text any
		err = json.Unmarshal(q.body, &text)
		document = valueOf(text)
	}
	members, ok := document.(cbor.Map)
	if err != nil || !ok {
		return nil, invalid("SerializationException", "The request is not a structure.")
	}
	return values(members), nil
}

// text is a member that is a string; empty when there is none.
func (v values) text(name string) string {
	text, _ := v[name].(cbor.String)
	return string(text)
}

// texts is a member that is a list of strings.
func (v values) texts(name string) []string {
	var texts []string
	list, _ := v[name].(cbor.List)
	for _, item := range list {
		text, _ := item.(cbor.String)
		texts = append(texts, string(text))
	}
	return texts
}

// number is a member that is an integer; found is false when there is none.
func (v values) number(name string) (n int, found bool) {
	number, err := cbor.AsInt32(v[name])
	return int(number), err == nil
}

// set adds a string, unless it is empty.
func (v values) set(name, text string) {
	if text != "" {
		v[name] = cbor.String(text)
	}
}

// setNumber adds an integer, unless it is zero.
func (v values) setNumber(name string, n int32) {
	if n != 0 {
		v[name] = integer(int64(n))
	}
}

// setTime adds a time, unless it is not set.
func (v values) setTime(name string, t time.Time) {
	if !t.IsZero() {
		v[name] = &cbor.Tag{ID: epochTag, Value: cbor.Float64(float64(t.UnixMilli()) / 1000)}
	}
}

// epochTag marks a number as the seconds since 1970.
const epochTag = 1

// textList is a list of strings, which is there even when it has none.
func textList(texts []string) cbor.List {
	list := make(cbor.List, len(texts))
	for i, text := range texts {
		list[i] = cbor.String(text)
	}
	return list
}

func integer(n int64) cbor.Value {
	if n < 0 {
		return cbor.NegInt(-n)
	}
	return cbor.Uint(n)
}

// plain is a value as JSON has it.
func plain(v cbor.Value) any {
	switch v := v.(type) {
	case cbor.Map:
		members := make(map[string]any, len(v))
		for name, value := range v {
			members[name] = plain(value)
		}
		return members
	case cbor.List:
		list := make([]any, len(v))
		for i, value := range v {
			list[i] = plain(value)
		}
		return list
	case *cbor.Tag:
		return plain(v.Value)
	case *cbor.Nil, *cbor.Undefined:
		return nil
	case cbor.NegInt:
		return -int64(v)
	case cbor.EncodeRaw:
		return plain(decodeOwn(v))
	default:
		return v // strings, numbers and truth values are those of Go
	}
}

// valueOf is a value that was read from JSON.
func valueOf(v any) cbor.Value {
	switch v := v.(type) {
	case map[string]any:
		members := make(cbor.Map, len(v))
		for name, value := range v {
			members[name] = valueOf(value)
		}
		return members
	case []any:
		list := make(cbor.List, len(v))
		for i, value := range v {
			list[i] = valueOf(value)
		}
		return list
	case string:
		return cbor.String(v)
	case bool:
		return cbor.Bool(v)
	case float64:
		if v == math.Trunc(v) && math.Abs(v) < 1<<53 {
			return integer(int64(v))
		}
		return cbor.Float64(v)
	default:
		return &cbor.Nil{}
	}
}

// decodeOwn reads what the server wrote.
func decodeOwn(text []byte) cbor.Value {
	v, err := cbor.Decode(text)
	if err != nil {
		panic("sample: wrote CBOR that cannot be read: " + err.Error())
	}
	return v
}

// addValues adds members to every structure that no SDK knows yet.
func addValues(v cbor.Value) cbor.Value {
	switch v := v.(type) {
	case cbor.Map:
		for name, value := range v {
			v[name] = addValues(value)
		}
		v["futureMember"] = cbor.Map{"names": textList([]string{"unknown"}), "count": cbor.Uint(1), "enabled": cbor.Bool(true), "nothing": &cbor.Nil{}}
		v["FutureName"] = cbor.String("unknown")
	case cbor.List:
		for i, value := range v {
			v[i] = addValues(value)
		}
	}
	return v
}

// nullValues makes every string, number, truth value and time null.
func nullValues(v cbor.Value) cbor.Value {
	switch v := v.(type) {
	case cbor.Map:
		for name, value := range v {
			v[name] = nullValues(value)
		}
		return v
	case cbor.List:
		for i, value := range v {
			v[i] = nullValues(value)
		}
		return v
	default:
		return &cbor.Nil{}
	}
}
