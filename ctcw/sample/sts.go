package sample

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
)

const (
	actionGetCallerIdentity = "sts:GetCallerIdentity"
	stsNamespace            = "https://sts.amazonaws.com/doc/2011-06-15/"
)

var sts = newQueryService("sts", formatQuery, stsNamespace, map[string]operation{
	"GetCallerIdentity": {action: actionGetCallerIdentity, run: getCallerIdentity},
	"AssumeRole":        {action: "sts:AssumeRole", set: OrganizationActions, run: assumeRole, resource: roleAsked},
})

// Bounds on how long an assumed role lasts. The upper one is a role's MaxSessionDuration unless someone raised it.
const (
	minSession     = 15 * time.Minute
	defaultSession = time.Hour
	maxSession     = time.Hour
)

func getCallerIdentity(q *request, out []byte) ([]byte, *apiError) {
	return append(out, `<GetCallerIdentityResponse xmlns="`+stsNamespace+`"><GetCallerIdentityResult>`+
		`<Arn>`+escape(q.caller.arn)+`</Arn><UserId>`+escape(q.caller.userID)+`</UserId><Account>`+q.caller.id+`</Account>`+
		`</GetCallerIdentityResult><ResponseMetadata><RequestId>`+q.id+`</RequestId></ResponseMetadata>`+
		`</GetCallerIdentityResponse>`...), nil
}

func assumeRole(q *request, out []byte) ([]byte, *apiError) {
	arn, sessionName := q.form.Get("RoleArn"), q.form.Get("RoleSessionName")
	for name, value := range map[string]string{"roleArn": arn, "roleSessionName": sessionName} {
		if value == "" {
			return nil, invalid("ValidationError", "1 validation error detected: Value null at '"+name+
				"' failed to satisfy constraint: Member must not be null")
		}
	}
	duration, e := sessionDuration(q.form.Get("DurationSeconds"))
	if e != nil {
		return nil, e
	}
	account, roleName, e := parseRole(arn)
	if e != nil {
		return nil, e
	}
	target := q.index.byID[account]
	if !q.mayAssume(target, roleName) {
		// AWS does not tell a role that does not exist from one that does not trust the caller.
		denied := q.service.accessDenied
		denied.message = "User: " + q.caller.arn + " is not authorized to perform: sts:AssumeRole on resource: " + arn
		return nil, &denied
	}

	// The session is named after the role without its path.
	shortName := roleName[strings.LastIndexByte(roleName, '/')+1:]
	session := q.server.sessions.begin(session{
		account: account,
		arn:     "arn:" + q.index.partition + ":sts::" + account + ":assumed-role/" + shortName + "/" + sessionName,
		userID:  "AROASAMP" + account + ":" + sessionName,
		expires: q.server.now().Add(duration).UTC().Truncate(time.Second),
	})
	return append(out, `<AssumeRoleResponse xmlns="`+stsNamespace+`"><AssumeRoleResult>`+
		`<AssumedRoleUser><AssumedRoleId>`+escape(session.userID)+`</AssumedRoleId><Arn>`+escape(session.arn)+`</Arn></AssumedRoleUser>`+
		`<Credentials><AccessKeyId>`+session.keyID+`</AccessKeyId><SecretAccessKey>`+session.secret+`</SecretAccessKey>`+
		`<SessionToken>`+session.token+`</SessionToken><Expiration>`+session.expires.Format(time.RFC3339)+`</Expiration></Credentials>`+
		`</AssumeRoleResult><ResponseMetadata><RequestId>`+q.id+`</RequestId></ResponseMetadata></AssumeRoleResponse>`...), nil
}

// mayAssume tells whether the caller may assume a role of an account, which may be nil.
func (q *request) mayAssume(target *member, roleName string) bool {
	if target == nil || !target.active {
		return false
	}
	role, found := target.role(roleName)
	if !found || role.Denied || role.ExternalID != "" && role.ExternalID != q.form.Get("ExternalId") {
		return false
	}
	if role.TrustedAccounts != nil {
		return slices.Contains(role.TrustedAccounts, q.caller.id)
	}
	return q.index.administers(q.caller.member)
}

func sessionDuration(seconds string) (time.Duration, *apiError) {
	if seconds == "" {
		return defaultSession, nil
	}
	n, err := strconv.Atoi(seconds)
	duration := time.Duration(n) * time.Second
	switch {
	case err != nil || duration < minSession:
		return 0, invalid("ValidationError", "1 validation error detected: Value '"+seconds+"' at 'durationSeconds' failed to "+
			"satisfy constraint: Member must have value greater than or equal to 900")
	case duration > maxSession:
		return 0, invalid("ValidationError", "The requested DurationSeconds exceeds the MaxSessionDuration set for this role.")
	}
	return duration, nil
}

// parseRole takes a role's ARN apart.
func parseRole(arn string) (account, name string, e *apiError) {
	parts := strings.SplitN(arn, ":", 6)
	if len(parts) == 6 && parts[0] == "arn" && parts[2] == "iam" {
		if name, found := strings.CutPrefix(parts[5], "role/"); found && name != "" {
			return parts[4], name, nil
		}
	}
	return "", "", invalid("ValidationError", arn+" is invalid")
}

// roleAsked is the role that AssumeRole is asked for.
func roleAsked(q *request) string { return q.form.Get("RoleArn") }

// session is what AssumeRole has handed out.
type session struct {
	keyID, secret, token string

	account string
	arn     string
	userID  string
	expires time.Time
}

// sessions are all that have been handed out, the expired ones too, as these get an answer of their own.
type sessions struct {
	mu    sync.RWMutex
	byKey map[string]*session
}

// begin gives a session its credentials.
func (s *sessions) begin(new session) *session {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.byKey == nil {
		s.byKey = make(map[string]*session)
	}
	number := len(s.byKey) + 1
	new.keyID = fmt.Sprintf("ASIASAMP%012d", number)
	new.secret = fmt.Sprintf("sample/this-is-not-a-secret/%012d", number)
	new.token = fmt.Sprintf("sample/session/%s/%012d==", new.account, number)
	s.byKey[new.keyID] = &new
	return &new
}

func (s *sessions) find(keyID string) *session {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return s.byKey[keyID]
}
