package sample

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"net/textproto"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
)

const algorithm = "AWS4-HMAC-SHA256"

// authorization is the Authorization header of a signed request.
type authorization struct {
	keyID   string
	date    string
	region  string
	service string
	headers string // the signed ones, as they stand in the header
	sign    string
}

// parseAuthorization takes the header apart; ok is false when it is not a complete signature of version 4.
func parseAuthorization(header string) (a authorization, ok bool) {
	fields, found := strings.CutPrefix(header, algorithm)
	if !found {
		return a, false
	}
	var scope string
	for field := range strings.SplitSeq(fields, ",") {
		name, value, _ := strings.Cut(strings.TrimSpace(field), "=")
		switch name {
		case "Credential":
			scope = value
		case "SignedHeaders":
			a.headers = value
		case "Signature":
			a.sign = value
		}
	}
	parts := strings.Split(scope, "/")
	if len(parts) != 5 || parts[4] != "aws4_request" || a.headers == "" || a.sign == "" {
		return a, false
	}
	a.keyID, a.date, a.region, a.service = parts[0], parts[1], parts[2], parts[3]
	return a, true
}

// verify tells whether the request was signed with that secret. The buffer is scratch space.
func (a *authorization) verify(r *http.Request, body []byte, secret string, buffer []byte) bool {
	stamp := r.Header.Get("X-Amz-Date")
	if !strings.HasPrefix(stamp, a.date+"T") {
		return false
	}
	canonical := sha256.Sum256(a.canonicalRequest(r, body, buffer[:0]))

	toSign := append(buffer[:0], algorithm+"\n"...)
	toSign = append(toSign, stamp...)
	toSign = append(toSign, '\n')
	toSign = append(toSign, a.date+"/"+a.region+"/"+a.service+"/aws4_request\n"...)
	toSign = hex.AppendEncode(toSign, canonical[:])

	want := hex.AppendEncode(nil, sign(signingKey(secret, a.date, a.region, a.service), toSign))
	return hmac.Equal(want, []byte(a.sign))
}

// canonicalRequest appends what the client hashed: the request with everything that proxies may change taken out.
func (a *authorization) canonicalRequest(r *http.Request, body, out []byte) []byte {
	path := r.URL.EscapedPath()
	if path == "" {
		path = "/"
	}
	out = append(out, r.Method...)
	out = append(out, '\n')
	out = append(out, path...)
	out = append(out, '\n')
	out = append(out, canonicalQuery(r.URL.RawQuery)...)
	out = append(out, '\n')
	for name := range strings.SplitSeq(a.headers, ";") {
		out = append(out, name...)
		out = append(out, ':')
		switch name {
		case "host":
			out = append(out, r.Host...)
		case "content-length":
			out = strconv.AppendInt(out, r.ContentLength, 10)
		default:
			for i, value := range r.Header[textproto.CanonicalMIMEHeaderKey(name)] {
				if i > 0 {
					out = append(out, ',')
				}
				out = appendTrimmed(out, value)
			}
		}
		out = append(out, '\n')
	}
	out = append(out, '\n')
	out = append(out, a.headers...)
	out = append(out, '\n')
	hash := sha256.Sum256(body)
	return hex.AppendEncode(out, hash[:])
}

// appendTrimmed appends a header's value with every run of spaces made one.
func appendTrimmed(out []byte, value string) []byte {
	if !strings.Contains(value, "  ") {
		return append(out, strings.TrimSpace(value)...)
	}
	return append(out, strings.Join(strings.Fields(value), " ")...)
}

// canonicalQuery sorts the parameters and escapes them in the one way that counts.
func canonicalQuery(raw string) string {
	if raw == "" {
		return ""
	}
	values, err := url.ParseQuery(raw)
	if err != nil {
		return raw
	}
	for _, v := range values {
		slices.Sort(v)
	}
	return strings.ReplaceAll(values.Encode(), "+", "%20")
}

// signingKey derives the key for a day, region and service from a secret.
func signingKey(secret, date, region, service string) []byte {
	key := sign([]byte("AWS4"+secret), []byte(date))
	key = sign(key, []byte(region))
	key = sign(key, []byte(service))
	return sign(key, []byte("aws4_request"))
}

func sign(key, text []byte) []byte {
	h := hmac.New(sha256.New, key)
	h.Write(text)
	return h.Sum(nil)
}

// authenticate finds out who signed the request and for which region.
func (s *Server) authenticate(q *request, r *http.Request, buffer []byte) *apiError {
	header := r.Header.Get("Authorization")
	if header == "" {
		return &q.service.missingAuthentication
	}
	a, ok := parseAuthorization(header)
	if !ok {
		return &q.service.badSignature
	}
	q.region = internRegion(a.region)
	if q.service.name == "" {
		return &q.service.unknownOperation
	}
	if a.service != q.service.name {
		e := q.service.badSignature
		e.message = "Credential should be scoped to correct service: '" + q.service.name + "'."
		return &e
	}

	token := r.Header.Get("X-Amz-Security-Token")
	var secret string
	if m := q.index.byKey[a.keyID]; m != nil {
		q.caller = caller{m, m.userARN, m.userID}
		secret = m.secret
		if token != "" {
			return &q.service.unknownKey
		}
	} else if session := s.sessions.find(a.keyID); session != nil {
		if token != session.token {
			return &q.service.unknownKey
		}
		q.caller = caller{q.index.byID[session.account], session.arn, session.userID}
		secret = session.secret
		if !s.now().Before(session.expires) {
			return &q.service.expiredToken
		}
	}
	if q.caller.member == nil || !q.caller.active {
		return &q.service.unknownKey
	}
	if s.checkSignatures && !a.verify(r, q.body, secret, buffer) {
		return &q.service.badSignature
	}
	if s.checkTimes {
		if e := q.checkTime(r.Header.Get("X-Amz-Date"), s.now().UTC()); e != nil {
			return e
		}
	}
	if !q.index.answers(q.service, q.caller.member, q.region) {
		return &q.service.unknownKey
	}
	return nil
}

// maxSkew is how far the time in a signature may be from the server's.
const maxSkew = 5 * time.Minute

// checkTime refuses a signature that was not made about now.
func (q *request) checkTime(stamp string, now time.Time) *apiError {
	const layout = "20060102T150405Z"
	signed, err := time.Parse(layout, stamp)
	early, late := err != nil || signed.Before(now.Add(-maxSkew)), signed.After(now.Add(maxSkew))
	if !early && !late {
		return nil
	}
	if q.service == ec2 {
		return &q.service.unknownKey
	}
	e := q.service.badSignature
	if late {
		e.message = "Signature not yet current: " + stamp + " is still later than " + now.Add(maxSkew).Format(layout) +
			" (" + now.Format(layout) + " + 5 min.)"
	} else {
		e.message = "Signature expired: " + stamp + " is now earlier than " + now.Add(-maxSkew).Format(layout) +
			" (" + now.Format(layout) + " - 5 min.)"
	}
	return &e
}

// answers tells whether a service answers an account in a region.
func (x *index) answers(s *service, m *member, region string) bool {
	switch s {
	case organizations:
		return true
	case sts, ec2:
		return m.enabled[region] || enabledByDefault(x.partition, region)
	default:
		return m.enabled[region]
	}
}

// now is the time by the server's clock.
func (s *Server) now() time.Time {
	return (*s.clock.Load())()
}
