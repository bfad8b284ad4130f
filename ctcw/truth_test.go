package ctcw_test

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"github.com/turbot/steampipe-plugin-sdk/v5/grpc/proto"

	"github.com/ctcw/steampipe-plugin-ctcw/ctcw/sample"
)

// A failure must show: no row says better than the truth because something else went wrong.

// ownedElsewhere is an organization trail whose log group, which is gone, the management account owns.
func ownedElsewhere() *sample.Organization {
	org := company(1)
	organizationTrail(org)
	org.Accounts[0].LogGroups = nil
	// The caller is a member: the owner of trail and log group is reached through AssumeRole.
	org.DelegatedAdmins = []string{org.Accounts[1].ID}
	org.Accounts[1].LogGroups = nil
	return org
}

func (h *harness) asMember() request {
	h.configure(&proto.ConnectionConfig{Connection: "member", Config: h.config(h.org.Accounts[1], everyAccount)})
	return request{connections: []string{"member"}}
}

func TestAnOwnerThatIsNotReachedNowIsNotOneOutOfReach(t *testing.T) {
	for name, c := range map[string]struct {
		kind   sample.FaultKind
		status string
		error  string
	}{
		"asked":     {0, "not_found", ""},
		"denied":    {sample.AccessDenied, "other_account", ""},
		"500":       {sample.ServerError, "unknown", "(on sts:AssumeRole)"},
		"throttled": {sample.Throttled, "unknown", "(on sts:AssumeRole)"},
	} {
		t.Run(name, func(t *testing.T) {
			h := start(t, ownedElsewhere())
			asked := h.asMember()
			if c.kind != 0 {
				h.endpoint.Inject(sample.Fault{Action: assumeRole, Kind: c.kind})
			}
			r := by(h.rows(asked), "account_id")["100000000001"]
			assert.Equal(t, c.status, r["log_group_status"])
			if c.status == "not_found" {
				assert.Equal(t, "log_group_missing", r["delivery_status"])
			}
			if c.error == "" {
				assert.Nil(t, r["log_group_error"])
				return
			}
			assert.Contains(t, r["log_group_error"], c.error)
			assert.Contains(t, r["status_reason"], "Whether the log group still exists is not known: ")
			assert.Contains(t, r["status_reason"], c.error)
		})
	}
}

// The scan of the owner's account is cut off at the limit while it assumes the role there, which the row that was sent
// needs too.
func TestARowSentBeforeALimitIsNotSpoiledByIt(t *testing.T) {
	h := start(t, ownedElsewhere())
	asked := h.asMember()
	h.rows(request{connections: asked.connections, columns: []string{"account_id"}, where: map[string][]string{"account_id": {"100000000001"}}}) // the identity is known from here on
	h.endpoint.Inject(sample.Fault{Action: assumeRole, Delay: time.Second})
	asked.limit = 1
	r := h.one(asked)
	assert.Equal(t, "100000000001", r["account_id"])
	assert.Equal(t, "not_found", r["log_group_status"], r["log_group_error"])
	assert.Equal(t, "log_group_missing", r["delivery_status"], r["status_reason"])
}

func TestARegionNewerThanThisProgram(t *testing.T) {
	const region = "eu-west-9"
	organization := func() *sample.Organization {
		org := organization()
		org.Accounts[0].Regions = append(sample.DefaultRegions("aws"), region)
		org.Accounts[0].Trails[0].HomeRegion, org.Accounts[0].Trails[0].MultiRegion = region, false
		return org
	}
	t.Run("is scanned", func(t *testing.T) {
		assert.Equal(t, region, start(t, organization()).one(request{})["region"])
	})
	t.Run("may be there where DescribeRegions is denied", func(t *testing.T) {
		h := start(t, organization())
		h.endpoint.Inject(sample.Fault{Action: describeRegions, Kind: sample.AccessDenied})
		want := row{"delivery_status": "no_trail", "unscanned_regions": map[string]any{"any-newer-region": "UnauthorizedOperation"}}
		assert.Equal(t, want, subset(h.one(request{}), want))
		want = row{"delivery_status": "unknown", "region": region}
		assert.Equal(t, want, subset(h.one(request{where: map[string][]string{"region": {region}}}), want))
	})
	t.Run("is not denied by a failure", func(t *testing.T) {
		h := start(t, organization())
		mend := h.endpoint.Inject(sample.Fault{Action: describeRegions, Kind: sample.ServerError})
		got := h.one(request{})
		assert.Equal(t, "unknown", got["delivery_status"])
		assert.Contains(t, got["scan_error"], "(on ec2:DescribeRegions)")
		assert.Equal(t, 1, h.endpoint.Calls().Of(getCallerIdentity), "who the caller is, is asked once in a query")
		mend()
		assert.Equal(t, region, h.one(request{})["region"], "nothing of the failure is kept")
	})
}

func TestARegionThatIsAskedForMayBeNewerThanThisProgram(t *testing.T) {
	org := organization()
	org.Accounts[0].Regions = append(sample.DefaultRegions("aws"), "eu-west-9")
	h := start(t, org, `regions = ["eu-west-9"]`)
	mend := h.endpoint.Inject(sample.Fault{Action: describeRegions, Kind: sample.ServerError})
	got := h.one(request{})
	assert.Equal(t, "unknown", got["delivery_status"])
	assert.Contains(t, got["scan_error"], "(on ec2:DescribeRegions)", "and not that there is no such region")
	mend()
	assert.Equal(t, "delivering", h.one(request{})["delivery_status"])
}

func TestARegionListThatFailsInAMember(t *testing.T) {
	h := start(t, company(1), everyAccount)
	mend := h.endpoint.Inject(sample.Fault{Action: describeRegions, Account: "100000000001", Kind: sample.ServerError})
	got := by(h.rows(request{}), "account_id")["100000000001"]
	assert.Equal(t, "unknown", got["delivery_status"])
	assert.Contains(t, got["scan_error"], "(on ec2:DescribeRegions)")
	mend()
	assert.Equal(t, "delivering", by(h.rows(request{}), "account_id")["100000000001"]["delivery_status"])
}

// withClock serves an organization from AWS's clock, which is that far ahead of this machine's.
func withClock(t *testing.T, org *sample.Organization, ahead time.Duration) *harness {
	h := start(t, org)
	h.endpoint.SetClock(func() time.Time { return time.Now().Add(ahead) })
	return h
}

func TestAgesGoByTheClockOfAWS(t *testing.T) {
	const ahead = 60 * time.Hour
	org := organization()
	org.Accounts[0].Trails[0].Status = sample.Healthy(now.Add(ahead - 50*time.Hour))
	got := withClock(t, org, ahead).one(request{})
	assert.Equal(t, "stale", got["delivery_status"])
	assert.InDelta(t, 50, got["cloudwatch_logs_delivery_age_hours"], 1)
	assert.WithinDuration(t, time.Now().Add(ahead), got["checked_at"].(time.Time), time.Minute)

	org = organization()
	org.Accounts[0].Trails[0].Status = sample.Healthy(now.Add(ahead))
	assert.Equal(t, "delivering", withClock(t, org, ahead).one(request{})["delivery_status"])
}

func TestADeliveryInTheFutureIsNotFresh(t *testing.T) {
	for _, at := range []time.Time{time.Now().Add(16 * time.Minute), time.Date(2158, 1, 1, 0, 0, 0, 0, time.UTC), time.Date(2200, 1, 1, 0, 0, 0, 0, time.UTC)} {
		org := organization()
		org.Accounts[0].Trails[0].Status.LatestCloudWatchLogsDelivery = at
		got := start(t, org).one(request{})
		assert.Equal(t, "unknown", got["delivery_status"], at)
		assert.Contains(t, got["status_reason"], "which is yet to come")
		assert.Nil(t, got["remediation"])
	}
}

// TestAnEmptyPageIsNotTheLast: AWS may answer a page without log groups and say that there is more.
func TestAnEmptyPageIsNotTheLast(t *testing.T) {
	org := organization()
	endpoint := sample.New(org)
	front := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasSuffix(r.Header.Get("X-Amz-Target"), ".DescribeLogGroups") {
			body, _ := io.ReadAll(r.Body)
			if !strings.Contains(string(body), "nextToken") {
				w.Header().Set("Content-Type", "application/x-amz-json-1.1")
				io.WriteString(w, `{"logGroups":[],"nextToken":"more"}`) //nolint:errcheck // the client is there
				return
			}
			io.WriteString(w, `{"logGroups":[{"logGroupName":"trail-logs","retentionInDays":365}]}`) //nolint:errcheck // likewise
			return
		}
		endpoint.ServeHTTP(w, r)
	}))
	t.Cleanup(front.Close)
	t.Cleanup(func() { endpoint.Close() })
	h := &harness{t: t, plugin: plugin(), endpoint: endpoint, org: org}
	h.configure(&proto.ConnectionConfig{Connection: "main", Config: "access_key = \"" + org.Accounts[0].AccessKeyID + "\"\nsecret_key = \"" + org.Accounts[0].SecretAccessKey + "\"\nendpoint_url = \"" + front.URL + "\"\n"})
	got := h.one(request{})
	assert.Equal(t, "found", got["log_group_status"])
	assert.EqualValues(t, 365, got["retention_in_days"])
}

// TestRowsAboutWhatCouldNotBeReadStateFacts: an account that cannot be read is not found by whatever is looked for.
func TestRowsAboutWhatCouldNotBeReadStateFacts(t *testing.T) {
	const unreadable = "100000000002"
	h := start(t, company(3), everyAccount)
	h.endpoint.Update(func(o *sample.Organization) { o.Account("account-02").Roles[0].Denied = true })
	arnOf := func(account, region string) string {
		return "arn:aws:cloudtrail:" + region + ":" + account + ":trail/own"
	}
	for name, c := range map[string]struct {
		where map[string][]string
		want  []string // accounts of the rows
		row   row      // of the unreadable account
	}{
		"everything":                  {nil, []string{"100000000000", "100000000001", unreadable, "100000000003"}, row{"arn": nil, "region": nil, "home_region": nil, "name": nil}},
		"its id":                      {map[string][]string{"account_id": {unreadable}}, []string{unreadable}, row{"arn": nil}},
		"another id":                  {map[string][]string{"account_id": {"100000000001"}}, []string{"100000000001"}, nil},
		"a name":                      {map[string][]string{"name": {"own"}}, []string{"100000000000", "100000000001", "100000000003"}, nil},
		"a name that nothing has":     {map[string][]string{"name": {"other"}}, nil, nil},
		"a region":                    {map[string][]string{"region": {"us-east-1"}}, []string{unreadable}, row{"region": "us-east-1", "home_region": nil, "arn": nil}},
		"what is no region":           {map[string][]string{"region": {"mars"}}, nil, nil},
		"another's ARN":               {map[string][]string{"arn": {arnOf("100000000001", "eu-west-1")}}, []string{"100000000001"}, nil},
		"an ARN of its own":           {map[string][]string{"arn": {arnOf(unreadable, "eu-west-1")}}, []string{unreadable}, row{"arn": arnOf(unreadable, "eu-west-1"), "region": nil}},
		"its ARN and another region":  {map[string][]string{"arn": {arnOf(unreadable, "eu-west-1")}, "name": {"own"}}, nil, nil},
		"ARNs of all":                 {map[string][]string{"arn": {arnOf("100000000001", "eu-west-1"), arnOf(unreadable, "eu-west-1"), arnOf("100000000003", "eu-west-1")}}, []string{"100000000001", unreadable, "100000000003"}, nil},
		"an ARN that no account owns": {map[string][]string{"arn": {arnOf("999999999999", "eu-west-1")}}, nil, nil},
	} {
		t.Run(name, func(t *testing.T) {
			rows := h.rows(request{where: c.where})
			assert.Equal(t, c.want, values(rows, "account_id"))
			if c.row != nil {
				got := by(rows, "account_id")[unreadable]
				assert.Equal(t, c.row, subset(got, c.row))
				assert.Equal(t, "unknown", got["delivery_status"])
			}
		})
	}
}

func TestAnOrganizationTrailOfAnUnreadableOwnerIsFoundOnce(t *testing.T) {
	org := company(2)
	organizationTrail(org)
	org.DelegatedAdmins = []string{"100000000001"}
	org.Accounts[0].Roles[0].Denied = true
	h := start(t, org)
	h.configure(&proto.ConnectionConfig{Connection: "delegate", Config: h.config(org.Accounts[1], everyAccount)})
	rows := h.rows(request{connections: []string{"delegate"}, where: map[string][]string{"arn": {"arn:aws:cloudtrail:eu-west-1:100000000000:trail/own"}}})
	assert.Equal(t, []string{"100000000001", "100000000002"}, values(rows, "account_id"), "those who see it; the owner's row says nothing of it")
}

func TestACancelledQueryLeavesNothingBehind(t *testing.T) {
	for _, action := range []string{getCallerIdentity, listAccounts, describeRegions, assumeRole, describeTrails, getTrailStatus, describeLogGroups} {
		t.Run(action, func(t *testing.T) {
			h := start(t, company(2), everyAccount)
			ctx, cancel := context.WithCancel(context.Background())
			mend := h.endpoint.Inject(sample.Fault{Action: action, Kind: sample.Hang})
			done := make(chan struct{})
			go func() { defer close(done); h.execute(request{ctx: ctx}) }() //nolint:errcheck // it is cancelled
			require.Eventually(t, func() bool { return h.endpoint.Calls().Of(action) > 0 }, 10*time.Second, time.Millisecond)
			cancel()
			<-done
			mend()
			for _, r := range h.rows(request{}) {
				assert.Equal(t, "delivering", r["delivery_status"], r["status_reason"])
				assert.Nil(t, r["unscanned_regions"])
			}
		})
	}
}

// TestCredentialsThatExpireLoseNoAccount: the members' sessions outlive the caller's own credentials. That the caller is
// not who it was fails the query, and never leaves its account out.
func TestCredentialsThatExpireLoseNoAccount(t *testing.T) {
	for _, latency := range []time.Duration{0, 20 * time.Millisecond} { // its own account is the last to answer, or not
		h := start(t, company(3), everyAccount)
		h.rows(request{})
		h.endpoint.Inject(sample.Fault{Account: "100000000000", Kind: sample.ExpiredToken, Delay: latency})
		rows, err := h.execute(request{})
		if err != nil {
			assert.ErrorContains(t, err, "the AWS credentials have expired")
			continue
		}
		assert.Contains(t, values(rows, "account_id"), "100000000000")
	}
}

// withDates serves an organization with Date headers as date makes them; it says false where there is none.
func withDates(t *testing.T, org *sample.Organization, date func(r *http.Request) (string, bool)) *harness {
	endpoint := sample.New(org)
	front := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if text, ok := date(r); ok {
			w.Header().Set("Date", text)
		} else {
			w.Header()["Date"] = nil
		}
		endpoint.ServeHTTP(w, r)
	}))
	t.Cleanup(front.Close)
	t.Cleanup(func() { endpoint.Close() })
	h := &harness{t: t, plugin: plugin(), endpoint: endpoint, org: org}
	a := org.Accounts[0]
	h.configure(&proto.ConnectionConfig{Connection: a.Name, Config: "access_key = \"" + a.AccessKeyID + "\"\nsecret_key = \"" + a.SecretAccessKey + "\"\nendpoint_url = \"" + front.URL + "\"\n"})
	return h
}

func TestADateThatIsWrongMakesNothingFresh(t *testing.T) {
	at := func(ahead time.Duration) string { return time.Now().Add(ahead).UTC().Format(http.TimeFormat) }
	var answers atomic.Int64
	for name, c := range map[string]struct {
		date func(*http.Request) (string, bool)
		want time.Duration // of checked_at, from now
	}{
		"there is none": {func(*http.Request) (string, bool) { return "", false }, 0},
		"is garbage":    {func(*http.Request) (string, bool) { return "yesterday", true }, 0},
		"is empty":      {func(*http.Request) (string, bool) { return "", true }, 0},
		"goes back at times": {func(*http.Request) (string, bool) {
			return at(-40 * time.Hour * time.Duration(answers.Add(1)%3/2)), true
		}, 0},
		"is one region's":                   {func(r *http.Request) (string, bool) { return at(-40 * time.Hour * region(r, "us-west-2")), true }, 0},
		"is one region's and of the future": {func(r *http.Request) (string, bool) { return at(40 * time.Hour * region(r, "us-west-2")), true }, 0},
	} {
		t.Run(name, func(t *testing.T) {
			org := organization()
			org.Accounts[0].Trails[0].Status = sample.Healthy(now.Add(-50 * time.Hour))
			h := withDates(t, org, c.date)
			for range 3 {
				got := h.one(request{})
				assert.Equal(t, "stale", got["delivery_status"], got["status_reason"])
				assert.WithinDuration(t, time.Now().Add(c.want), got["checked_at"].(time.Time), time.Minute)
			}
		})
	}
}

// region is 1 where a request is for that region.
func region(r *http.Request, name string) time.Duration {
	if strings.Contains(r.Header.Get("Authorization"), "/"+name+"/") {
		return 1
	}
	return 0
}

// TestAQueryThatEndsLeavesTheOthersTheIdentity: the first to ask who the caller is asks for all that wait.
func TestAQueryThatEndsLeavesTheOthersTheIdentity(t *testing.T) {
	h := start(t, company(1), everyAccount)
	h.endpoint.SetLatency(400 * time.Millisecond)
	ctx, cancel := context.WithCancel(context.Background())
	first := make(chan struct{})
	go func() { defer close(first); h.execute(request{ctx: ctx}) }() //nolint:errcheck // it is cancelled
	require.Eventually(t, func() bool { return h.endpoint.Calls().Of(getCallerIdentity) > 0 }, 10*time.Second, time.Millisecond)
	time.AfterFunc(100*time.Millisecond, cancel)
	rows := h.rows(request{columns: []string{"account_id", "delivery_status"}})
	<-first
	require.Len(t, rows, 2)
	for _, r := range rows {
		assert.Equal(t, "delivering", r["delivery_status"])
	}
}

// TestAnAnswerThatSaysNothingIsUnknown: it is a success, and neither says what is there nor what is not.
func TestAnAnswerThatSaysNothingIsUnknown(t *testing.T) {
	for _, kind := range []sample.FaultKind{sample.EmptyBody, sample.NullValues} {
		for action, want := range map[string]struct{ column, status, error string }{
			describeTrails:    {"delivery_status", "unknown", "scan_error"},
			getTrailStatus:    {"delivery_status", "unknown", "trail_status_error"},
			describeLogGroups: {"log_group_status", "unknown", "log_group_error"},
		} {
			h := start(t, organization())
			h.endpoint.Inject(sample.Fault{Action: action, Kind: kind})
			r := h.one(request{})
			assert.Equal(t, want.status, r[want.column], "%s %d", action, kind)
			assert.Contains(t, r[want.error], "InvalidResponse", "%s %d", action, kind)
		}
	}
}
