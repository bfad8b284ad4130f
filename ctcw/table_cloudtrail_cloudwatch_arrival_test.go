package ctcw_test

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"github.com/turbot/steampipe-plugin-sdk/v5/grpc/proto"

	"github.com/ctcw/steampipe-plugin-ctcw/ctcw/sample"
)

func cancelled() (context.Context, context.CancelFunc) {
	return context.WithTimeout(context.Background(), time.Minute)
}

// arrivals is an organization of one account whose events arrive from two regions.
func arrivals() *monitored {
	org := organization()
	a := org.Accounts[0]
	org.Arrive(a.Trails[0], a.LogGroups[0], now, []string{a.ID}, []string{"eu-west-1", "us-east-1"})
	return &monitored{org: org, account: a, trail: a.Trails[0], group: a.LogGroups[0]}
}

func bySource(rows []row) map[string]row {
	out := map[string]row{}
	for _, r := range rows {
		region, _ := r["stream_region"].(string)
		out[fmt.Sprint(r["source_account_id"], " ", region)] = r
	}
	return out
}

func TestEveryColumnOfAnArrival(t *testing.T) {
	a := arrivals()
	a.group.Streams = append(a.group.Streams, sample.Stream{Name: "app/foreign"})
	h := start(t, a.org, `exempt = { "*:trail/tr*" = "tested here" }`)
	rows := h.rows(request{table: arrivalTable})
	require.Len(t, rows, 2)
	r := bySource(rows)["111111111111 us-east-1"]
	latest := now.Add(-6 * time.Minute)
	assert.InDelta(t, time.Since(latest).Hours(), r["event_age_hours"], 0.02)
	assert.WithinDuration(t, time.Now(), r["checked_at"].(time.Time), time.Minute)
	for _, seenAbove := range []string{"checked_at", "event_age_hours", "_ctx", "sp_ctx"} {
		delete(r, seenAbove)
	}
	assert.Equal(t, row{
		"arn": trailARN, "name": "trail", "title": "trail", "akas": []any{trailARN},
		"home_region": "eu-west-1", "region": "eu-west-1", "partition": "aws",
		"account_id": "111111111111", "trail_account_id": "111111111111", "account_name": nil,
		"log_group_arn":  "arn:aws:logs:eu-west-1:111111111111:log-group:trail-logs:*",
		"log_group_name": "trail-logs", "log_group_region": "eu-west-1", "log_group_account_id": "111111111111",
		"source_account_id": "111111111111", "source_account_name": nil, "stream_region": "us-east-1",
		"log_stream_count": int64(1), "foreign_log_stream_count": int64(1),
		"first_event_time": now.AddDate(-1, 0, 0).Add(-5 * time.Minute), "latest_event_time": latest, "latest_ingestion_time": now.Add(-time.Minute),
		"arrival_status":  "arriving",
		"status_reason":   "Events of account 111111111111 in region us-east-1 arrive, the latest at " + latest.Format(time.RFC3339) + ".",
		"delivery_status": "delivering", "is_organization_trail": false, "is_multi_region_trail": true,
		"log_stream_error": nil, "scan_error": nil, "unscanned_regions": nil, "exempt_reason": "tested here",
		"sp_connection_name": "main",
	}, r)
	h.costs(map[string]int{getCallerIdentity: 1, describeRegions: 1, describeTrails: 17, describeLogStreams: 1, getTrailStatus: 1, describeLogGroups: 1})
}

func TestDeliveryIsAskedOnlyWhenSelected(t *testing.T) {
	h := start(t, arrivals().org)
	require.Len(t, h.rows(request{table: arrivalTable, columns: []string{"arrival_status", "event_age_hours"}}), 2)
	h.costs(map[string]int{getCallerIdentity: 1, describeRegions: 1, describeTrails: 17, describeLogStreams: 1})
}

// organizationArrivals is an organization whose trail's log group has streams of every account.
func organizationArrivals(members int) *sample.Organization {
	org := company(members)
	organizationTrail(org)
	var ids []string
	for _, a := range org.Accounts {
		ids = append(ids, a.ID)
	}
	owner := org.Accounts[0]
	org.Arrive(owner.Trails[0], owner.LogGroups[0], now, ids, []string{"eu-west-1", "us-east-1"})
	return org
}

func TestTheStreamsOfAnOrganizationAreReadOnce(t *testing.T) {
	h := start(t, organizationArrivals(30), everyAccount) // 62 streams
	rows := h.rows(request{table: arrivalTable})
	require.Len(t, rows, 62)
	for _, r := range rows {
		assert.Equal(t, "arriving", r["arrival_status"])
		assert.Equal(t, "100000000000", r["account_id"], "once, under the account that owns the trail")
		assert.Equal(t, h.org.Account(r["source_account_id"].(string)).Name, r["source_account_name"])
	}
	assert.Equal(t, 2, h.endpoint.Calls().Of(describeLogStreams))
	assert.Equal(t, 1, h.endpoint.Calls().Of(getTrailStatus))
}

func TestAThousandAccountsInOneLogGroup(t *testing.T) {
	h := start(t, organizationArrivals(999), everyAccount, `regions = ["eu-west-1"]`)
	rows := h.rows(request{table: arrivalTable, columns: []string{"source_account_id", "stream_region", "arrival_status"}})
	require.Len(t, rows, 2000)
	accounts := map[any]bool{}
	for _, r := range rows {
		accounts[r["source_account_id"]] = true
		assert.Equal(t, "arriving", r["arrival_status"])
	}
	assert.Len(t, accounts, 1000)
	assert.Equal(t, 40, h.endpoint.Calls().Of(describeLogStreams))
}

func TestKeyColumnsOfArrivals(t *testing.T) {
	org := organizationArrivals(3)
	arn := org.TrailARN("100000000000", "eu-west-1", "own")
	cases := map[string]struct {
		where map[string][]string
		rows  int
	}{
		"none":                        {nil, 8},
		"source_account_id":           {map[string][]string{"source_account_id": {"100000000002"}}, 2},
		"source_account_id in":        {map[string][]string{"source_account_id": {"100000000002", "100000000003", "7"}}, 4},
		"another source_account_id":   {map[string][]string{"source_account_id": {"999999999999"}}, 0},
		"arn":                         {map[string][]string{"arn": {arn}}, 8},
		"account_id":                  {map[string][]string{"account_id": {"100000000000"}}, 8},
		"a member's":                  {map[string][]string{"account_id": {"100000000001"}}, 0},
		"name, region":                {map[string][]string{"name": {"own"}, "region": {"eu-west-1"}}, 8},
		"another home_region":         {map[string][]string{"home_region": {"us-east-1"}}, 0},
		"source and account disagree": {map[string][]string{"account_id": {"100000000000"}, "source_account_id": {"100000000001"}}, 2},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			h := start(t, org, everyAccount)
			assert.Len(t, h.rows(request{table: arrivalTable, where: c.where, columns: []string{"arn", "source_account_id", "account_id"}}), c.rows)
		})
	}
}

func TestWhatArrives(t *testing.T) {
	org := organizationArrivals(5)
	owner := org.Accounts[0]
	group, trail := owner.LogGroups[0], owner.Trails[0]
	of := func(account, region string) *sample.Stream {
		i := slices.IndexFunc(group.Streams, func(s sample.Stream) bool { return s.Name == org.StreamName(trail, account, region, 1) })
		return &group.Streams[i]
	}
	// 1: quiet in one region. 2: nothing has arrived. 3: a stream in each form of the name, the older one first. 4: left the
	// organization, and its streams are there. 5: no stream at all.
	of("100000000001", "us-east-1").LastEvent = now.Add(-72 * time.Hour)
	*of("100000000002", "us-east-1") = sample.Stream{Name: of("100000000002", "us-east-1").Name, Created: now}
	more := *of("100000000003", "us-east-1")
	more.Name = "100000000003_CloudTrail_us-east-1_2"
	of("100000000003", "us-east-1").LastEvent = now.Add(-72 * time.Hour)
	group.Streams = append(group.Streams, more, sample.Stream{Name: "i-0123"}, sample.Stream{Name: "100000000003_CloudTrail-Digest_us-east-1"})
	group.Streams = slices.DeleteFunc(group.Streams, func(s sample.Stream) bool {
		source := s.Name
		return source == org.StreamName(trail, "100000000005", "eu-west-1", 1) || source == org.StreamName(trail, "100000000005", "us-east-1", 1)
	})
	org.Account("100000000004").Standalone = true

	rows := bySource(start(t, org, everyAccount).rows(request{table: arrivalTable}))
	require.Len(t, rows, 11)
	assert.Equal(t, "arriving", rows["100000000001 eu-west-1"]["arrival_status"])
	assert.Equal(t, "quiet", rows["100000000001 us-east-1"]["arrival_status"])
	assert.Contains(t, rows["100000000001 us-east-1"]["status_reason"], "arrived 3 days ago")
	assert.Equal(t, "empty", rows["100000000002 us-east-1"]["arrival_status"])
	assert.Equal(t, "The streams of account 100000000002 in region us-east-1 hold no event.", rows["100000000002 us-east-1"]["status_reason"])
	assert.Nil(t, rows["100000000002 us-east-1"]["event_age_hours"])
	assert.Equal(t, "arriving", rows["100000000003 us-east-1"]["arrival_status"])
	assert.EqualValues(t, 2, rows["100000000003 us-east-1"]["log_stream_count"])
	left := rows["100000000004 us-east-1"]
	assert.Equal(t, row{"arrival_status": "arriving", "source_account_name": nil}, subset(left, row{"arrival_status": 0, "source_account_name": 0}))
	none := rows["100000000005 "]
	assert.Equal(t, row{"arrival_status": "empty", "stream_region": nil, "log_stream_count": int64(0), "source_account_name": "account-05", "latest_event_time": nil},
		subset(none, row{"arrival_status": 0, "stream_region": 0, "log_stream_count": 0, "source_account_name": 0, "latest_event_time": 0}))
	assert.Contains(t, none["status_reason"], "has no stream of account 100000000005: its events never arrived.")
	for _, r := range rows {
		assert.EqualValues(t, 2, r["foreign_log_stream_count"])
	}
}

func TestAnEventThatIsYetToComeIsNotArriving(t *testing.T) {
	a := arrivals()
	a.group.Streams[0].LastEvent = now.Add(time.Hour)
	a.group.Streams[1].LastEvent = now.Add(5 * time.Minute)
	rows := bySource(start(t, a.org).rows(request{table: arrivalTable}))
	assert.Equal(t, "unknown", rows["111111111111 eu-west-1"]["arrival_status"])
	assert.Contains(t, rows["111111111111 eu-west-1"]["status_reason"], "yet to come")
	assert.Equal(t, "arriving", rows["111111111111 us-east-1"]["arrival_status"], "clocks differ by minutes")
}

// The age is by AWS's clock, not by this machine's.
func TestTheAgeOfAnEventIsByAWSsClock(t *testing.T) {
	a := arrivals()
	h := start(t, a.org)
	h.endpoint.SetClock(func() time.Time { return time.Now().Add(48 * time.Hour) })
	for _, r := range h.rows(request{table: arrivalTable}) {
		assert.Equal(t, "quiet", r["arrival_status"], r["status_reason"])
		assert.InDelta(t, 48.1, r["event_age_hours"], 0.1)
	}
}

func TestWhatHasNoArrivals(t *testing.T) {
	cases := []struct {
		name   string
		change func(*monitored)
		want   []row
	}{
		{"a trail without a log group", func(a *monitored) { a.trail.CloudWatchLogsLogGroupARN = "" }, nil},
		{"an account without a trail", func(a *monitored) { a.account.Trails = nil }, nil},
		{"a log group without a stream", func(a *monitored) { a.group.Streams = nil },
			[]row{{"arrival_status": "empty", "source_account_id": "111111111111", "stream_region": nil, "log_stream_count": int64(0), "delivery_status": "delivering"}}},
		{"a log group with foreign streams only", func(a *monitored) { a.group.Streams = []sample.Stream{{Name: "x"}} },
			[]row{{"arrival_status": "empty", "source_account_id": "111111111111", "foreign_log_stream_count": int64(1)}}},
		{"a log group that is gone", func(a *monitored) { a.account.LogGroups = nil },
			[]row{{"arrival_status": "empty", "status_reason": "Log group trail-logs does not exist.", "source_account_id": "111111111111", "delivery_status": "log_group_missing", "log_stream_error": nil}}},
		{"a log group of an account that cannot be asked", func(a *monitored) {
			a.trail.CloudWatchLogsLogGroupARN = a.org.LogGroupARN("999999999999", "eu-west-1", "trail-logs")
		}, []row{{"arrival_status": "unknown", "source_account_id": "111111111111", "log_stream_count": nil, "foreign_log_stream_count": nil,
			"log_stream_error": "NotInReach: the log group is in account 999999999999, which this connection cannot ask"}}},
		{"regions that may not be listed", func(a *monitored) { a.account.Denied = []sample.Denial{{Action: describeTrails}} },
			[]row{{"arrival_status": "unknown", "arn": nil, "source_account_id": "111111111111", "delivery_status": "unknown"}}},
		{"streams that may not be listed", func(a *monitored) { a.account.Denied = []sample.Denial{{Action: describeLogStreams}} },
			[]row{{"arrival_status": "unknown", "arn": trailARN, "source_account_id": "111111111111", "stream_region": nil, "delivery_status": "delivering"}}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			a := arrivals()
			c.change(a)
			rows := start(t, a.org).rows(request{table: arrivalTable})
			require.Len(t, rows, len(c.want))
			for i, r := range rows {
				assert.Equal(t, c.want[i], subset(r, c.want[i]))
				if r["arrival_status"] == "unknown" {
					assert.True(t, r["log_stream_error"] != nil || r["scan_error"] != nil)
				}
			}
		})
	}
}

func TestArrivalsOfATrailWhoseOwnerIsOutOfReach(t *testing.T) {
	org := organizationArrivals(3)
	org.DelegatedAdmins = []string{"100000000001"}
	h := start(t, org)
	h.configure(&proto.ConnectionConfig{Connection: "members", Config: h.config(org.Accounts[1], "accounts = [\"*\"]\nskip_accounts = [\"100000000000\"]", `role_name = "audit"`)})
	rows := h.rows(request{table: arrivalTable, connections: []string{"members"}})
	require.Len(t, rows, 3, "under each account that was asked")
	for _, r := range rows {
		assert.Equal(t, "unknown", r["arrival_status"])
		assert.Equal(t, r["account_id"], r["source_account_id"])
		assert.Contains(t, r["log_stream_error"], "NotInReach: the log group is in account 100000000000")
	}
}

// The owner is meant to be scanned, and is denied: its own row says so, and the members' rows are its business.
func TestArrivalsOfATrailWhoseOwnerIsDenied(t *testing.T) {
	org := organizationArrivals(2)
	org.DelegatedAdmins = []string{"100000000001"}
	org.Accounts[0].Roles[0].Denied = true
	h := start(t, org)
	h.configure(&proto.ConnectionConfig{Connection: "delegated", Config: h.config(org.Accounts[1], everyAccount)})
	rows := h.rows(request{table: arrivalTable, connections: []string{"delegated"}})
	require.NotEmpty(t, rows)
	for _, r := range rows {
		assert.Equal(t, "unknown", r["arrival_status"])
	}
	assert.Contains(t, by(rows, "account_id"), "100000000000", "the account that could not be read")
}

func TestAnAccountThatCannotBeReadHasAnArrivalRow(t *testing.T) {
	org := organizationArrivals(2)
	org.Accounts[1].Roles[0].Denied = true
	rows := start(t, org, everyAccount).rows(request{table: arrivalTable, where: map[string][]string{"account_id": {memberID}}})
	require.Len(t, rows, 1)
	assert.Equal(t, row{"arrival_status": "unknown", "arn": nil, "source_account_id": memberID, "source_account_name": "account-01"},
		subset(rows[0], row{"arrival_status": 0, "arn": 0, "source_account_id": 0, "source_account_name": 0}))
	assert.Contains(t, rows[0]["scan_error"], "AccessDenied: ")
}

// What is not known to be in the organization is not missed in its log group: an account that is named by its id may be
// in none.
func TestAnAccountThatIsNamedByItsIDIsNotMissedInTheOrganizationsLogGroup(t *testing.T) {
	org := organizationArrivals(1)
	stranger := account("100000000009", "stranger")
	stranger.Standalone, stranger.Roles = true, []sample.Role{{Name: "audit"}}
	org.Accounts = append(org.Accounts, stranger)
	rows := start(t, org, `accounts = ["100000000000", "100000000009"]`, `role_name = "audit"`).rows(request{table: arrivalTable})
	assert.Equal(t, []string{"100000000000", "100000000001"}, slices.Sorted(maps.Keys(by(rows, "source_account_id"))))
}

func TestNothingIsMissedOfAClosedAccount(t *testing.T) {
	org := organizationArrivals(1)
	closed := account("100000000009", "closed")
	closed.Status, closed.Roles = "SUSPENDED", []sample.Role{{Name: "audit"}}
	org.Accounts = append(org.Accounts, closed)
	rows := start(t, org, everyAccount).rows(request{table: arrivalTable, where: map[string][]string{"account_id": {"100000000000"}}})
	assert.Equal(t, []string{"100000000000", "100000000001"}, slices.Sorted(maps.Keys(by(rows, "source_account_id"))))
}

func TestAClosedAccountHasAnArrivalRow(t *testing.T) {
	org := organizationArrivals(2)
	org.Accounts[2].Status = "SUSPENDED"
	rows := start(t, org, everyAccount).rows(request{table: arrivalTable, where: map[string][]string{"account_id": {"100000000002"}}})
	require.Len(t, rows, 1)
	want := row{"arrival_status": "unknown", "arn": nil, "source_account_id": "100000000002", "exempt_reason": "AWS Organizations lists the account as SUSPENDED"}
	assert.Equal(t, want, subset(rows[0], want))
}
