// Package event holds the fifteen classes of events that CIS asks to be alarmed on, and for each the
// CloudTrail events that a sound filter matches.
//
// A filter is judged by what it matches, not by its text: the witnesses of a class are whole events as
// CloudTrail writes them to a log group, one JSON object each. A filter that misses one of them is worse
// than the pattern CIS published for the class, and one that matches an everyday event holds its alarm
// in ALARM, where it tells nobody.
package event

import (
	"slices"
	"sync"
)

// Versions lists the versions of the CIS AWS Foundations Benchmark that have the monitoring items, the
// oldest first.
var Versions = []string{"v1.2.0", "v1.3.0", "v1.4.0", "v1.5.0", "v2.0.0", "v3.0.0", "v4.0.0", "v5.0.0", "v6.0.0"}

// Demand says what it means that a witness reaches nobody.
type Demand int

const (
	// Required: the class is not monitored.
	Required Demand = iota
	// Named: it stands in missing_events and does not touch alarm_status. CIS asks for
	// ModifySecurityGroupRules from v5.0.0 on only.
	Named
	// Gone: AWS writes the event no longer. Only the reason names it.
	Gone
)

// Witness is one event of a class.
type Witness struct {
	// Name is what missing_events calls it: the eventName, in unauthorized_api_calls the errorCode, in
	// root_usage the eventType. Several witnesses of a class share a name.
	Name string
	// Shape tells the witnesses of one name apart: who made the call, and in which region.
	Shape  string
	Demand Demand

	// The fields of the event on which a trail's selectors and a filter's dimensions depend.
	Source      string // eventSource, e.g. iam.amazonaws.com
	EventName   string // eventName
	Type        string // eventType: AwsApiCall or AwsConsoleSignIn
	Region      string // awsRegion; us-east-1 for the calls of a global service
	IdentityARN string // userIdentity.arn
	ReadOnly    bool

	// JSON is the whole event on one line.
	JSON []byte
}

// Class is one of the fifteen kinds of events.
type Class struct {
	// Name is the value of the column event_class.
	Name string
	// Title says in a few words what happens.
	Title string
	// Items has the item of each version of the benchmark that has one: "v1.4.0" → "4.3".
	Items map[string]string
	// Sources lists the event sources of the class; empty when its events come from any.
	Sources []string
	// Pattern is a filter pattern for CloudWatch Logs that matches every witness, those which are only
	// named or gone included, and no everyday event. At most 1024 characters, which is AWS's limit.
	Pattern string
	// Witnesses are in the order in which missing_events names them.
	Witnesses []Witness
}

// Names returns what the witnesses with these demands are called, each name once.
func (c *Class) Names(demands ...Demand) []string {
	names := make([]string, 0, len(c.Witnesses))
	for _, w := range c.Witnesses {
		if slices.Contains(demands, w.Demand) && !slices.Contains(names, w.Name) {
			names = append(names, w.Name)
		}
	}
	return names
}

// Classes returns the classes in the order of CIS's items. They are shared: do not change them.
var Classes = sync.OnceValue(classes)

// ByName returns the class of that name, nil when there is none.
func ByName(name string) *Class {
	for _, c := range Classes() {
		if c.Name == name {
			return c
		}
	}
	return nil
}

// Everyday returns events that come all the time in any account that is in use. No class has them, and
// no sound filter matches one. They are shared: do not change them.
var Everyday = sync.OnceValue(everyday)
