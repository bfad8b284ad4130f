package sample

import (
	"bytes"
	"encoding/json"
	"fmt"
	"hash/fnv"
	"math"
	"net/http"
	"regexp"
	"slices"
	"sync"
	"time"

	"github.com/aws/smithy-go/encoding/cbor"
)

// Fault makes requests fail, or be answered in a way that a client should survive.
type Fault struct {
	// Action, Account and Region select requests. They are globs with * and ?, and an empty one matches everything.
	Action, Account, Region string

	// Resource selects them by what IAM would name as their resource, as in the ARN of the role for AssumeRole; a glob too.
	Resource string

	// Kind is what happens to them. Without one they are answered as ever, if after a Delay.
	Kind FaultKind

	// Delay makes their answers take that much longer.
	Delay time.Duration

	// After lets that many matching requests pass first.
	After int

	// Rate is the share of the matching requests that are struck; 0 and 1 mean every one. Which ones depends only on Seed and
	// on how many requests of the same action, account and region came before, and so not on what else goes on.
	Rate float64
	Seed uint64

	// Times ends the fault after it has struck that often; 0 means never.
	Times int
}

// FaultKind is a way in which an answer goes wrong.
type FaultKind int

const (
	_ FaultKind = iota

	// AccessDenied refuses for want of an identity-based policy.
	AccessDenied
	// SCPDenied refuses because of a service control policy.
	SCPDenied
	// Throttled refuses because of too many requests.
	Throttled
	// ServerError answers with status 500.
	ServerError
	// NotEnabled answers as a region does that is not enabled for the account.
	NotEnabled
	// ExpiredToken answers that the session token has expired.
	ExpiredToken

	// Hang never answers. It ends when the client goes away or the server is closed.
	Hang
	// Reset closes the connection in the middle of the body.
	Reset
	// TruncatedJSON sends half of the body as if it were all of it, in XML and CBOR too.
	TruncatedJSON
	// WrongContentType sends an HTML page with status 200, as a captive portal does.
	WrongContentType
	// EmptyBody sends status 200 and nothing else.
	EmptyBody
	// UnknownFields adds members to every structure that no SDK knows yet. All else is right.
	UnknownFields
	// NullValues sends null, or an empty element in XML, for every string, number and truth value.
	NullValues

	// HugePage adds thousands of made-up entries to the answers that are lists: trails, event selectors, log groups, metric
	// filters, log streams, alarms, mute rules, attributes of a topic, and accounts.
	HugePage
	// RepeatingToken answers every page with the first one and the same token, where answers come in pages.
	RepeatingToken

	// BeforeLogAlarms answers as CloudWatch did before it knew log alarms and mute rules, and as emulators still do: operations
	// on mute rules are unknown, and DescribeAlarms refuses the type LogAlarm. Other requests are answered as always.
	BeforeLogAlarms
)

// hugePage is how many entries HugePage adds.
const hugePage = 5000

// repeatingToken is the token that RepeatingToken gives.
const repeatingToken = "c2FtZSB0b2tlbiBmb3IgZXZlcg=="

// faultList holds the faults that have been injected.
type faultList struct {
	mu     sync.Mutex
	faults []*activeFault
}

// activeFault is a fault and what it has done.
type activeFault struct {
	Fault
	seen, struck int
}

func (l *faultList) inject(f Fault) (remove func()) {
	active := &activeFault{Fault: f}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.faults = append(l.faults, active)
	return func() {
		l.mu.Lock()
		defer l.mu.Unlock()
		l.faults = slices.DeleteFunc(l.faults, func(f *activeFault) bool { return f == active })
	}
}

// pick finds the fault for a request that is the ordinal-th of its kind; the zero Fault if it is spared.
func (l *faultList) pick(call Call, resource func() string, ordinal int) Fault {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, f := range l.faults {
		if f.strikes(call, resource, ordinal) {
			return f.Fault
		}
	}
	return Fault{}
}

func (f *activeFault) strikes(call Call, resource func() string, ordinal int) bool {
	if !match(f.Action, call.Action) || !match(f.Account, call.Account) || !match(f.Region, call.Region) {
		return false
	}
	if f.Resource != "" && !match(f.Resource, resource()) {
		return false
	}
	f.seen++
	if f.seen <= f.After || f.Times > 0 && f.struck >= f.Times {
		return false
	}
	if f.Rate > 0 && f.Rate < 1 && chance(f.Seed, call, ordinal) >= f.Rate {
		return false
	}
	f.struck++
	return true
}

// chance is a number from 0 to 1 that looks random and is the same for the same arguments.
func chance(seed uint64, call Call, ordinal int) float64 {
	hash := fnv.New64a()
	// A hash does not fail.
	_, _ = fmt.Fprintf(hash, "%d %s %s %s %d", seed, call.Action, call.Account, call.Region, ordinal)
	// The bits of this hash are uneven towards the top unless they are mixed once more.
	bits := hash.Sum64()
	bits = (bits ^ bits>>33) * 0xff51afd7ed558ccd
	bits ^= bits >> 33
	return float64(bits) / math.MaxUint64
}

// spoil does to a finished answer what the fault says.
func (a *answer) spoil(kind FaultKind, f format) {
	switch kind {
	case TruncatedJSON:
		a.body = a.body[:len(a.body)/2]
	case EmptyBody:
		a.status, a.body = http.StatusOK, nil
	case WrongContentType:
		a.status, a.contentType = http.StatusOK, "text/html; charset=utf-8"
		a.body = []byte("<!DOCTYPE html>\n<html><head><title>Sign in</title></head>" +
			"<body><h1>Please sign in to the guest network</h1></body></html>\n")
	case UnknownFields:
		switch f {
		case formatJSON, formatJSON10:
			a.body = rewrite(a.body, addMembers)
		case formatCBOR:
			a.body = cbor.Encode(addValues(decodeOwn(a.body)))
		default:
			a.body = closingElement.ReplaceAll(a.body, []byte("<futureMember><name>unknown</name></futureMember>$0"))
		}
	case NullValues:
		switch f {
		case formatJSON, formatJSON10:
			a.body = rewrite(a.body, nullScalars)
		case formatCBOR:
			a.body = cbor.Encode(nullValues(decodeOwn(a.body)))
		default:
			a.body = elementText.ReplaceAll(a.body, []byte("><"))
		}
	}
}

var (
	// closingElement is the end of the elements that hold others in the XML the server writes.
	closingElement = regexp.MustCompile(`</(item|[A-Za-z]+Response|[A-Za-z]+Result)>`)
	elementText    = regexp.MustCompile(`>[^<>]+<`)
)

// rewrite changes a JSON document.
func rewrite(body []byte, change func(any) any) []byte {
	decoder := json.NewDecoder(bytes.NewReader(body))
	decoder.UseNumber()
	var document any
	if err := decoder.Decode(&document); err != nil {
		panic("sample: wrote JSON that cannot be read: " + err.Error())
	}
	return marshal(change(document))
}

func addMembers(v any) any {
	switch v := v.(type) {
	case map[string]any:
		for name, value := range v {
			if name != "dimensions" { // a map of strings rather than a structure
				v[name] = addMembers(value)
			}
		}
		v["futureMember"] = map[string]any{"names": []string{"unknown"}, "count": 1, "enabled": true, "nothing": nil}
		v["FutureName"] = "unknown"
	case []any:
		for i, value := range v {
			v[i] = addMembers(value)
		}
	}
	return v
}

func nullScalars(v any) any {
	switch v := v.(type) {
	case map[string]any:
		for name, value := range v {
			v[name] = nullScalars(value)
		}
		return v
	case []any:
		for i, value := range v {
			v[i] = nullScalars(value)
		}
		return v
	default:
		return nil
	}
}
