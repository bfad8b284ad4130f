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

// bareOrganization has in each account a trail of one region, eu-west-1, with a log group, and one of us-east-1 without.
func bareOrganization(members int) *sample.Organization {
	org := company(members)
	for _, a := range org.Accounts {
		a.Trails[0].MultiRegion = false
		a.Trails = append(a.Trails, &sample.Trail{Name: "bare", HomeRegion: "us-east-1", Status: sample.Healthy(now)})
	}
	return org
}

func TestAnAccountThatIsReadInPartHasAnArrivalRow(t *testing.T) {
	bare, own := "arn:aws:cloudtrail:us-east-1:100000000001:trail/bare", "arn:aws:cloudtrail:eu-west-1:100000000001:trail/own"
	for name, c := range map[string]struct {
		failed string // the region
		where  map[string][]string
		want   row // nil: there is none
	}{
		"the log group's region": {"eu-west-1", nil, row{"arrival_status": "unknown", "arn": nil, "source_account_id": memberID, "source_account_name": "account-01"}},
		"that region is sought":  {"eu-west-1", map[string][]string{"region": {"eu-west-1"}}, row{"arrival_status": "unknown", "arn": nil, "region": "eu-west-1"}},
		"that trail is sought":   {"eu-west-1", map[string][]string{"arn": {own}}, row{"arrival_status": "unknown", "arn": own}},
		"its events are sought":  {"eu-west-1", map[string][]string{"source_account_id": {memberID}}, row{"arrival_status": "unknown", "source_account_id": memberID}},
		"others' are":            {"eu-west-1", map[string][]string{"source_account_id": {"100000000002"}}, nil},
		"the bare one is sought": {"eu-west-1", map[string][]string{"arn": {bare}}, nil},
		"a bare one's region is": {"eu-west-1", map[string][]string{"region": {"us-east-1"}}, nil},
		"another region":         {"us-west-2", nil, row{"arrival_status": "empty", "arn": own, "unscanned_regions": map[string]any{"us-west-2": "AccessDeniedException"}}},
		"a name is sought":       {"eu-west-1", map[string][]string{"name": {"bare"}}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			h := start(t, bareOrganization(2), everyAccount)
			h.endpoint.Inject(sample.Fault{Action: describeTrails, Account: memberID, Region: c.failed, Kind: sample.AccessDenied})
			rows := h.rows(request{table: arrivalTable, where: c.where})
			rows = slices.DeleteFunc(rows, func(r row) bool { return r["account_id"] != memberID })
			if c.want == nil {
				assert.Empty(t, rows)
				return
			}
			require.Len(t, rows, 1)
			assert.Equal(t, c.want, subset(rows[0], c.want))
			assert.NotNil(t, rows[0]["scan_error"])
		})
	}
}

// A bare trail that covers all regions shows, though its home region failed: what is known of it is that nothing arrives.
func TestABareTrailOfAFailedRegionIsNotUnknown(t *testing.T) {
	org := organization()
	org.Accounts[0].Trails[0].CloudWatchLogsLogGroupARN = ""
	h := start(t, org)
	h.endpoint.Inject(sample.Fault{Action: describeTrails, Region: "eu-west-1", Kind: sample.AccessDenied})
	assert.Empty(t, h.rows(request{table: arrivalTable, where: map[string][]string{"arn": {trailARN}}}))
	assert.Equal(t, "unknown", h.one(request{table: arrivalTable})["arrival_status"], "another trail of that region may have a log group")
}

// The members see the organization's trail and leave it to its owner, which could not be asked for it.
func TestArrivalsOfATrailThatItsOwnerCannotShow(t *testing.T) {
	for name, c := range map[string]struct {
		multiRegion bool
		fault       sample.Fault
		want        []string // accounts asked; their own events are those that are not known of
	}{
		"its region failed":             {false, sample.Fault{Action: describeTrails, Region: "eu-west-1", Kind: sample.AccessDenied}, []string{"100000000000", "100000000001", "100000000002"}},
		"all did":                       {false, sample.Fault{Action: describeTrails, Kind: sample.AccessDenied}, []string{"100000000000", "100000000001", "100000000002"}},
		"its regions could not be read": {true, sample.Fault{Action: describeRegions, Kind: sample.ServerError}, []string{"100000000000", "100000000001", "100000000002"}},
		"another region shows it":       {true, sample.Fault{Action: describeTrails, Region: "eu-west-1", Kind: sample.AccessDenied}, nil},
		"another region failed":         {false, sample.Fault{Action: describeTrails, Region: "us-west-2", Kind: sample.AccessDenied}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			org := organizationArrivals(2)
			org.Accounts[0].Trails[0].MultiRegion = c.multiRegion
			org.Accounts[0].Trails = append(org.Accounts[0].Trails, &sample.Trail{Name: "bare", HomeRegion: "us-east-1", Status: sample.Healthy(now)})
			h := start(t, org, everyAccount)
			c.fault.Account = "100000000000"
			h.endpoint.Inject(c.fault)
			rows := h.rows(request{table: arrivalTable})
			of := func(where map[string][]string) []string {
				return values(h.rows(request{table: arrivalTable, columns: []string{"source_account_id"}, where: where}), "source_account_id")
			}
			if c.want == nil {
				assert.Equal(t, []string{"arriving"}, slices.Sorted(maps.Keys(by(rows, "arrival_status"))))
				assert.Empty(t, of(map[string][]string{"account_id": {memberID}}))
				return
			}
			assert.Equal(t, c.want, values(rows, "account_id"))
			assert.Equal(t, c.want, values(rows, "source_account_id"))
			assert.Equal(t, []string{"unknown"}, slices.Sorted(maps.Keys(by(rows, "arrival_status"))))
			member := by(rows, "account_id")[memberID]
			assert.Equal(t, org.TrailARN("100000000000", "eu-west-1", "own"), member["arn"])
			assert.Contains(t, member["log_stream_error"], "(of account 100000000000, which owns the trail)")
			for _, id := range c.want {
				assert.Equal(t, []string{id}, of(map[string][]string{"account_id": {id}}))
				assert.Equal(t, []string{id}, of(map[string][]string{"source_account_id": {id}}))
			}
		})
	}
}

// Whoever asks whether an account's events arrive hears that it could not be read, from whoever may receive them.
func TestAFilterOnTheSourceHidesNoFailure(t *testing.T) {
	const owner, member, stranger = "100000000000", "100000000001", "999999999999"
	streams := sample.Fault{Action: describeLogStreams, Account: owner, Kind: sample.AccessDenied}
	trails := sample.Fault{Action: describeTrails, Account: owner, Kind: sample.AccessDenied}
	for name, c := range map[string]struct {
		org       func() *sample.Organization
		arguments string
		fault     sample.Fault
		sought    []string
		want      []string // account asked and source
	}{
		"streams, a member":            {organized, everyAccount, streams, []string{member}, []string{owner + " " + member}},
		"streams, the owner":           {organized, everyAccount, streams, []string{owner}, []string{owner + " " + owner}},
		"streams, several":             {organized, everyAccount, streams, []string{member, stranger}, []string{owner + " " + member, owner + " " + stranger}},
		"streams, everyone":            {organized, everyAccount, streams, nil, []string{owner + " " + owner}},
		"streams of its own trail":     {separate, everyAccount, streams, []string{stranger}, nil},
		"the owner, a member":          {organized, everyAccount, trails, []string{member}, []string{member + " " + member}},
		"the owner, itself":            {organized, everyAccount, trails, []string{owner}, []string{owner + " " + owner}},
		"the owner, who is not listed": {organized, everyAccount, trails, []string{stranger}, []string{owner + " " + stranger}},
		"the owner alone":              {organized, "", trails, []string{member, stranger}, []string{owner + " " + member, owner + " " + stranger}},
		"a member that is no owner":    {separate, everyAccount, sample.Fault{Action: describeTrails, Account: member, Kind: sample.AccessDenied}, []string{"100000000002", stranger}, []string{"100000000002 100000000002"}},
	} {
		t.Run(name, func(t *testing.T) {
			h := start(t, c.org(), c.arguments)
			h.endpoint.Inject(c.fault)
			where := map[string][]string{"source_account_id": c.sought}
			if c.sought == nil {
				where = nil
			}
			var got []string
			for _, r := range h.rows(request{table: arrivalTable, where: where}) {
				got = append(got, fmt.Sprint(r["account_id"], " ", r["source_account_id"]))
				assert.Equal(t, r["arn"] == "arn:aws:cloudtrail:eu-west-1:100000000002:trail/own", r["arrival_status"] != "unknown")
			}
			slices.Sort(got)
			assert.Equal(t, c.want, got)
		})
	}
}

func organized() *sample.Organization { return organizationArrivals(2) }
func separate() *sample.Organization  { return company(2) }
