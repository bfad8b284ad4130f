package event

import (
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"fmt"
)

// Account is the account of all events, the one of AWS's own examples. In a log group it stands for any
// account whose events arrive.
const Account = "111122223333"

const (
	when   = "2026-05-04T09:12:41Z"
	issued = "2026-05-04T08:55:02Z"

	// globalRegion is where CloudTrail records the calls of IAM and of Organizations.
	globalRegion = "us-east-1"

	apiCall = "AwsApiCall"
	signIn  = "AwsConsoleSignIn"
)

type object = map[string]any

// record is an event in the order in which CloudTrail writes its fields; see "CloudTrail record
// contents" in the user guide.
type record struct {
	EventVersion        string     `json:"eventVersion"`
	UserIdentity        identity   `json:"userIdentity"`
	EventTime           string     `json:"eventTime"`
	EventSource         string     `json:"eventSource"`
	EventName           string     `json:"eventName"`
	AWSRegion           string     `json:"awsRegion"`
	SourceIPAddress     string     `json:"sourceIPAddress"`
	UserAgent           string     `json:"userAgent"`
	ErrorCode           string     `json:"errorCode,omitempty"`
	ErrorMessage        string     `json:"errorMessage,omitempty"`
	RequestParameters   any        `json:"requestParameters"`
	ResponseElements    any        `json:"responseElements"`
	AdditionalEventData any        `json:"additionalEventData,omitempty"`
	RequestID           string     `json:"requestID,omitempty"`
	EventID             string     `json:"eventID"`
	ReadOnly            bool       `json:"readOnly"`
	Resources           []resource `json:"resources,omitempty"`
	EventType           string     `json:"eventType"`
	ManagementEvent     bool       `json:"managementEvent"`
	RecipientAccountID  string     `json:"recipientAccountId"`
	EventCategory       string     `json:"eventCategory"`
	TLSDetails          *tls       `json:"tlsDetails,omitempty"`
	FromConsole         string     `json:"sessionCredentialFromConsole,omitempty"`
}

type identity struct {
	Type           string   `json:"type"`
	PrincipalID    string   `json:"principalId,omitempty"`
	ARN            string   `json:"arn,omitempty"`
	AccountID      string   `json:"accountId,omitempty"`
	AccessKeyID    *string  `json:"accessKeyId,omitempty"` // "" in sign-ins
	UserName       string   `json:"userName,omitempty"`
	SessionContext *session `json:"sessionContext,omitempty"`
	InvokedBy      string   `json:"invokedBy,omitempty"`
}

type session struct {
	SessionIssuer *issuer    `json:"sessionIssuer,omitempty"`
	Attributes    attributes `json:"attributes"`
}

type issuer struct {
	Type        string `json:"type"`
	PrincipalID string `json:"principalId"`
	ARN         string `json:"arn"`
	AccountID   string `json:"accountId"`
	UserName    string `json:"userName"`
}

type attributes struct {
	CreationDate     string `json:"creationDate"`
	MFAAuthenticated string `json:"mfaAuthenticated"`
}

type resource struct {
	AccountID string `json:"accountId"`
	Type      string `json:"type"`
	ARN       string `json:"ARN"`
}

type tls struct {
	Version     string `json:"tlsVersion"`
	CipherSuite string `json:"cipherSuite"`
	Host        string `json:"clientProvidedHostHeader"`
}

// user is an IAM user with an access key.
func user() identity {
	key := "AKIAIOSFODNN7EXAMPLE"
	return identity{
		Type: "IAMUser", PrincipalID: "AIDACKCEVSQ6C2EXAMPLE", ARN: "arn:aws:iam::" + Account + ":user/anaya",
		AccountID: Account, AccessKeyID: &key, UserName: "anaya",
	}
}

// role is a session of a role that somebody assumed.
func role(name, session string) identity {
	key, principal := "ASIAIOSFODNN7EXAMPLE", "AROAIDPPEZS35WEXAMPLE"
	return identity{
		Type: "AssumedRole", PrincipalID: principal + ":" + session,
		ARN:       fmt.Sprintf("arn:aws:sts::%s:assumed-role/%s/%s", Account, name, session),
		AccountID: Account, AccessKeyID: &key,
		SessionContext: sessionOf(&issuer{"Role", principal, fmt.Sprintf("arn:aws:iam::%s:role/%s", Account, name), Account, name}, "false"),
	}
}

// root is the account's root user, with an access key or signed in to the console.
func root(key string, context *session) identity {
	return identity{
		Type: "Root", PrincipalID: Account, ARN: "arn:aws:iam::" + Account + ":root",
		AccountID: Account, AccessKeyID: &key, SessionContext: context,
	}
}

func sessionOf(i *issuer, mfa string) *session {
	return &session{SessionIssuer: i, Attributes: attributes{CreationDate: issued, MFAAuthenticated: mfa}}
}

// caller is who makes a call, where, and with what.
type caller struct {
	shape    string
	identity identity
	region   string
	address  string
	agent    string
}

const cli = "aws-cli/2.27.41 md/awscrt#0.26.1 ua/2.1 os/linux#6.1.0 lang/python#3.13.4 md/command#"

// callers returns the two who make the API calls of a class: a filter for one region, or for one kind of
// identity, misses those of one. A global service has one region.
func callers(source string) []caller {
	near, far := "us-east-1", "eu-central-1"
	if global(source) {
		near, far = globalRegion, globalRegion
	}
	return []caller{
		{"user in " + near, user(), near, "192.0.2.44", cli},
		{"role in " + far, role("deployment", "pipeline-4711"), far, "198.51.100.23", "Boto3/1.38.36 md/Botocore#1.38.36 ua/2.1 os/linux#6.1.0"},
	}
}

func global(source string) bool { return source == iam || source == organizations }

// apiEvent is a call as CloudTrail records it when it succeeded.
func apiEvent(c caller, source, name string, request, response any) record {
	return record{
		EventVersion: "1.11", UserIdentity: c.identity, EventTime: when, EventSource: source, EventName: name,
		AWSRegion: c.region, SourceIPAddress: c.address, UserAgent: c.agent,
		RequestParameters: request, ResponseElements: response,
		RequestID: id("request", c.shape, source, name), EventType: apiCall, ManagementEvent: true,
		RecipientAccountID: Account, EventCategory: "Management",
		TLSDetails: &tls{"TLSv1.3", "TLS_AES_128_GCM_SHA256", host(source, c.region)},
	}
}

// host is the endpoint that was called.
func host(source, region string) string {
	service := source[:len(source)-len(".amazonaws.com")]
	if global(source) {
		return service + ".amazonaws.com"
	}
	return service + "." + region + ".amazonaws.com"
}

// witness finishes the event: no two have the same eventID.
func (r record) witness(name, shape string, d Demand) Witness {
	r.EventID = id(string(r.json()))
	return Witness{
		Name: name, Shape: shape, Demand: d, JSON: r.json(),
		Source: r.EventSource, EventName: r.EventName, Type: r.EventType, Region: r.AWSRegion,
		IdentityARN: r.UserIdentity.ARN, ReadOnly: r.ReadOnly,
	}
}

func (r record) json() []byte {
	var text bytes.Buffer
	e := json.NewEncoder(&text)
	e.SetEscapeHTML(false) // CloudTrail writes & as it is
	if err := e.Encode(r); err != nil {
		panic(err) // only plain values are in it
	}
	return bytes.TrimSpace(text.Bytes())
}

// id is a UUID that is the same in every run.
func id(parts ...string) string {
	h := fmt.Sprintf("%x", sha256.Sum256(fmt.Append(nil, parts)))
	return h[:8] + "-" + h[8:12] + "-4" + h[12:15] + "-a" + h[15:18] + "-" + h[18:30]
}
