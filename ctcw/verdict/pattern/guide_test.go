package pattern

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// event takes any text, unlike [ParseEvent]: the guide's examples are not all CloudTrail's.
func event(text string) Event {
	e, err := ParseEvent([]byte(text))
	if err != nil {
		return Event{text: text}
	}
	return e
}

func parse(t testing.TB, text string) *Pattern {
	t.Helper()
	p, err := Parse(text)
	require.NoError(t, err, text)
	return p
}

type example struct {
	section string
	pattern string
	event   string
	want    bool
}

func check(t *testing.T, examples []example) {
	t.Helper()
	for _, x := range examples {
		t.Run(x.section+" "+x.pattern, func(t *testing.T) {
			e := event(x.event)
			p := parse(t, x.pattern)
			assert.Equal(t, x.want, p.Matches(e), "%s\n%s", x.pattern, x.event)
			assert.Equal(t, x.want, parse(t, p.String()).Matches(e), "%s\n%s", p, x.event)
		})
	}
}

const (
	guideEvent = `{"eventType":"UpdateTrail","sourceIPAddress":"111.111.111.111","arrayKey":["value","another value"],` +
		`"objectList":[{"name":"a","id":1},{"name":"b","id":2}],"SomeObject":null,"cluster.name":"c"}`
	guideCompound = `{"user":{"id":1,"email":"John.Stiles@example.com"},"users":[{"id":2,"email":"John.Doe@example.com"},` +
		`{"id":3,"email":"Jane.Doe@example.com"}],"actions":["GET","PUT","DELETE"],"coordinates":[[0,1,2],[4,5,6],[7,8,9]]}`
	guideAccess = `127.0.0.1 Prod frank [10/Oct/2000:13:25:15 -0700] "GET /index.html HTTP/1.0" 404 1534`
)

// TestGuide holds the examples of AWS's guide, of its sections on each kind of pattern.
func TestGuide(t *testing.T) {
	const terms, json, compound, fields, regex, api = "unstructured", "JSON", "JSON, compound", "space-delimited", "regex", "API TestMetricFilter"
	const bad, unauthorized, missing, invalid = "[ERROR 400] BAD REQUEST", "[ERROR 401] UNAUTHORIZED REQUEST",
		"[ERROR 419] MISSING ARGUMENTS", "[ERROR 420] INVALID ARGUMENTS"
	const resource, part = "INFO 09/25/2014 12:00:00 GET /service/resource/67 1200",
		"INFO 09/25/2014 12:00:01 POST /service/resource/67/part/111 1310"
	const warning, failed = "WARNING 09/25/2014 12:00:02 Invalid user request", "ERROR 09/25/2014 12:00:02 Failed to process request"
	check(t, []example{
		{terms, "ERROR", bad, true},
		{terms, "ERROR", invalid, true},
		{terms, "ERROR", "[error 400] BAD REQUEST", false},
		{terms, "ERROR ARGUMENTS", missing, true},
		{terms, "ERROR ARGUMENTS", invalid, true},
		{terms, "ERROR ARGUMENTS", bad, false},
		{terms, "ERROR ARGUMENTS", unauthorized, false},
		{terms, "?ERROR ?ARGUMENTS", bad, true},
		{terms, "?ERROR ?ARGUMENTS", "MISSING ARGUMENTS", true},
		{terms, "?ERROR ?ARGUMENTS", "[INFO] REQUEST FAILED", false},
		{terms, "?ERROR ?ARGUMENTS REQUEST", "[INFO] REQUEST FAILED", true},
		{terms, "?ERROR ?ARGUMENTS REQUEST", "[WARN] UNAUTHORIZED REQUEST", true},
		{terms, "?ERROR ?ARGUMENTS REQUEST", "[ERROR] 400 BAD REQUEST", true},
		{terms, "?ERROR ?ARGUMENTS REQUEST", missing, false},
		{terms, `"INTERNAL SERVER ERROR"`, "[ERROR 500] INTERNAL SERVER ERROR", true},
		{terms, `"INTERNAL SERVER ERROR"`, "ERROR: SERVER INTERNAL", false},
		{terms, "ERROR -ARGUMENTS", bad, true},
		{terms, "ERROR -ARGUMENTS", unauthorized, true},
		{terms, "ERROR -ARGUMENTS", missing, false},
		{terms, "ERROR -ARGUMENTS", invalid, false},
		{terms + " (2021)", `"ERROR" - "Exiting"`, "Exiting with ERRORCODE: -1", false},
		{terms + " (2021)", `"ERROR" - "Exiting"`, "[ERROR] A fatal exception has occurred", true},
		{terms + " (2021)", `"Failed to process the request"`, "[WARN] Failed to process the request", true},
		{terms + " (2021)", "", "anything", true},

		{regex, "%AUTHORIZED%", unauthorized, true},
		{regex, "%AUTHORIZED%", "[SUCCESS 200] AUTHORIZED REQUEST", true},
		{regex, "%AUTHORIZED%", bad, false},
		{regex, "%^[hc]at%", "hat and cat", true},
		{regex, "%^[hc]at%", "a hat", false},
		{regex, "%[hc]at$%", "a cat", true},
		{regex, "%[hc]at$%", "a cat sat", false},
		{regex, "%colou?r%", "color", true},
		{regex, "%colou?r%", "colour", true},
		{regex, "%[abcx-z]%", "y", true},
		{regex, "%[abcx-z]%", "d", false},
		{regex, "%a{3,5}%", "aaa", true},
		{regex, "%a{3,5}%", "aa", false},
		{regex, "%^a{,2}$%", "aa", true},
		{regex, "%^a{,2}$%", "aaa", false},
		{regex, "%^a{2,}$%", "aaa", true},
		{regex, "%^a{,2}b$%", "b", true},
		{regex, "%^[{,]$%", ",", true},
		{regex, "%^[{,]$%", "0", false},
		{regex, `%^[\]^-]+$%`, "^]-", true},
		{regex, `%^a.b$%`, "a\nb", true},
		{regex, "%gra|ey%", "gray", true},
		{regex, "%gra|ey%", "grey", true},
		{regex, "%^starting|^initializing|^shutting down%", "shutting down", true},
		{regex, "%^starting|^initializing|^shutting down%", "skipping initializing", false},
		{regex, "%abcc|ab[^c]$%", "abcc ...", true},
		{regex, "%abcc|ab[^c]$%", "aba", true},
		{regex, "%abcc|ab[^c]$%", "aac ...", false},
		{regex, `%\[.\]%`, "[]]", true},
		{regex, `%\[.\]%`, "[ab]", false},
		{regex, `%10\.10\.0\.1%`, "10.10.0.1", true},
		{regex, `%10\.10\.0\.1%`, "10010,051", false},
		{regex, `%10.10.0.1%`, "10010,051", true},
		{regex, "%ab*c%", "ac", true},
		{regex, "%ab[0-9]*%", "ab129", true},
		{regex, "%ab+c%", "abbbc", true},
		{regex, "%ab+c%", "ac", false},
		{regex, "%.at%", " at", true},
		{regex, `%\d%`, "a7", true},
		{regex, `%\d%`, "seven", false},
		{regex, `%\D%`, "77", false},
		{regex, `%a\sb%`, "a\tb", true},
		{regex, `%a\Sb%`, "a b", false},
		{regex, `%^\w$%`, "_", true},
		{regex, `%\W%`, "a_1", false},
		{regex, `%\x3A%`, "a:b", true},
		{regex, `%\x28%`, "f()", true},
		{regex, `%\x28%`, "f", false},

		{json, `{ $.eventType = "UpdateTrail" }`, guideEvent, true},
		{json, `{ $.eventType = "DeleteTrail" }`, guideEvent, false},
		{json, `{ $.sourceIPAddress != 123.123.* }`, guideEvent, true},
		{json, `{ $.sourceIPAddress != 111.111.* }`, guideEvent, false},
		{json, `{ $.arrayKey[0] = "value" }`, guideEvent, true},
		{json, `{ $.arrayKey[1] = "value" }`, guideEvent, false},
		{json, `{ $.objectList[1].id = 2 }`, guideEvent, true},
		{json, `{ $.eventType = %Trail% }`, guideEvent, true},
		{json, `{ $.arrayKey[*] = %val.{2}% }`, guideEvent, true},
		{json, `{ $.* = %111\.111\.111\.1[0-9]{1,2}% }`, guideEvent, true},
		{json, `{ $.['cluster.name'] = "c" }`, guideEvent, true},
		{json, `{ $.cluster.name = "c" }`, guideEvent, false},
		{json, `{ $.SomeObject IS NULL }`, guideEvent, true},
		{json, `{ $.SomeOtherObject IS NULL }`, guideEvent, false},
		{json, `{ $.SomeOtherObject NOT EXISTS }`, guideEvent, true},
		{json, `{ $.SomeObject NOT EXISTS }`, guideEvent, false},
		{json, `{ $.eventType = "*" && $.sourceIPAddress != 123.123.* }`, guideEvent, true},
		{json, `{ $.latency = * }`, `{"latency":50,"requestType":"GET"}`, true},
		{json, `{ $.latency = * }`, `{"requestType":"GET"}`, false},
		{json, `{ $.bandwidth > 75 }`, `{"bandwidth":76}`, true},
		{json, `{ $.bandwidth > 75 }`, `{"bandwidth":75}`, false},
		{json, `{ $.latency < 50 }`, `{"latency":49.9}`, true},
		{json, `{ $.refreshRate >= 60 }`, `{"refreshRate":60}`, true},
		{json, `{ $.responseTime <= 5 }`, `{"responseTime":5}`, true},
		{json, `{ $.errorCode = 400}`, `{"errorCode":400}`, true},
		{json, `{ $.errorCode != 500 }`, `{"errorCode":400}`, true},
		{json, `{ $.number[0] = 1e+3 }`, `{"number":[1000]}`, true},
		{json, `{ $.number[0] != 1e-3 }`, `{"number":[0.001]}`, false},
		{json + " (2021)", `{ $.latency > +1000 }`, `{"latency":1001}`, true},
		{json + " (2021)", `{ $.numbers[0] < 10e-3 }`, `{"numbers":[0.01]}`, false},
		{json + " (2021)", `{ $.processes[4].averageRuntime <= 55.5 }`, `{"processes":[1,2,3,4,{"averageRuntime":55.50}]}`, true},
		{json + " (2021)", `{ $.users = 1 }`, `{"users":[1,2,3]}`, false},
		{json + " (2021)", `{ $.users != 1 }`, `{"users":[1,2,3]}`, false},
		{json + " (2021)", `{ $.a = *Event }`, `{"a":"PutEvent"}`, true},
		{json + " (2021)", `{ $.a = *Event }`, `{"a":"EventId"}`, false},
		{json + " (2021)", `{ $.a = Event* }`, `{"a":"EventId"}`, true},
		{json + " (2021)", `{ $.a = Ev*ent }`, `{"a":"Event"}`, false},
		{json + " (2021)", `{ $.a = Ev*ent }`, `{"a":"Ev*ent"}`, true},
		{json + " (2021)", `{$.foo = bar || $.foo = baz }`, `{"foo":"baz"}`, true},
		{json + " (2021)", `{ $.ThisFlag IS TRUE }`, `{"ThisFlag":true}`, true},

		{compound, `{ ($.user.id = 1) && ($.users[0].email = "John.Doe@example.com") }`, guideCompound, true},
		{compound, `{ $.user.email = "John.Stiles@example.com" || $.coordinates[0][1] = "nonmatch" && $.actions[2] = "nonmatch" }`, guideCompound, true},
		{compound, `{ ($.user.email = "John.Stiles@example.com" || $.coordinates[0][1] = "nonmatch") && $.actions[2] = "nonmatch" }`, guideCompound, false},
		{compound, `{ ($.user.id = 2 && $.users[0].email = "nonmatch") || $.actions[2] = "GET" }`, guideCompound, false},

		{fields, `[ip=%127\.0\.0\.[1-9]%, user, username, timestamp, request =*.html*, status_code = 4*, bytes]`, guideAccess, true},
		{fields, `[..., request =*.html*, status_code = 4*, bytes]`, guideAccess, true},
		{fields, `[..., request =*.html*, status_code = 5*, bytes]`, guideAccess, false},
		{fields, `[ip, user, username, timestamp, request =*.html*, status_code = 404 || status_code = 410, bytes]`, guideAccess, true},
		{fields, `[ip, server, username, timestamp, request, status_code, bytes > 1000]`, guideAccess, true},
		{fields, `[ip, server, username, timestamp, request, status_code, bytes > 2000]`, guideAccess, false},
		{fields, "[w1=ERROR, w2]", failed, true},
		{fields, "[w1=ERROR, w2]", warning, false},
		{fields, "[w1=ERROR || w1=WARNING, w2]", warning, true},
		{fields, "[w1=ERROR || w1=WARNING, w2]", resource, false},
		{fields, "[w1!=ERROR && w1!=WARNING, w2]", resource, true},
		{fields, "[w1!=ERROR && w1!=WARNING, w2]", failed, false},
		{fields, "[logLevel, date, time, method, url=%/service/resource/[0-9]+$%, response_time]", resource, true},
		{fields, "[logLevel, date, time, method, url=%/service/resource/[0-9]+$%, response_time]", part, false},
		{fields, "[logLevel, date, time, method, url=%/service/resource/[0-9]+/part/[0-9]+$%, response_time]", part, true},
		{fields + " (2021)", "[ip, user, ...]", guideAccess, true},
		{fields + " (2021)", "[ip, user, ..., status_code, bytes]", guideAccess, true},
		{fields + " (2021)", "[..., request=*.html*, status_code=4*,]", guideAccess, true},

		{api, "[..., status_code=200, size]", `127.0.0.1 - frank [10/Oct/2000:13:25:15 -0700] "GET /apache_pb.gif HTTP/1.0" 200 1534`, true},
		{api, "[..., status_code=200, size]", guideAccess, false},
		{api, `"[ERROR]" Exception`, "02 May 2014 00:34:16,142 [ERROR] Unhanded exception: InvalidQueryException", true},
		{api, `"[ERROR]" Exception`, "02 May 2014 00:34:16,224 [ERROR] Terminating the application", false},
	})
}

// TestGuideRefuses holds what the guide says is not supported.
func TestGuideRefuses(t *testing.T) {
	for _, text := range []string{
		"%something!%", "%(a|b)%", "%café%",
		"{ $.a EXISTS }", "{ $.a IS NOT NULL }",
		"{ $.a[*].b[*] = 1 }", "{ $.*.b[*] = 1 }",
		"{ $.a[*] = 1 || $.b[*] = 1 || $.c[*] = 1 || $.d[*] = 1 }",
		"{ $.a = %x% || $.a = %y% || $.a = %z% }", "[a=%x%, b=%y%, c=%z%]",
	} {
		_, err := Parse(text)
		assert.Error(t, err, text)
	}
	parse(t, "{ $.a[*] = 1 || $.b[*] = 1 || $.c[*] = 1 }")
	parse(t, "{ $.a = %x% || $.a = %y% }")
	parse(t, "%x% %y% %z%") // the limit is on the other two kinds
}
