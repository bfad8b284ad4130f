package ctcw_test

import (
	"context"
	"database/sql"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"github.com/turbot/steampipe-plugin-sdk/v5/grpc/proto"
	_ "modernc.org/sqlite"

	"github.com/ctcw/steampipe-plugin-ctcw/ctcw/mod"
	"github.com/ctcw/steampipe-plugin-ctcw/ctcw/sample"
)

// The walk: every operation that the plugin calls, times every way to fail, times whose call fails, over an
// organization in which most things are bad. The fault matrix asks whether a failure may look like a defect; the walk
// asks whether it may look like health. What each cell says stands in testdata/walk.txt (CTCW_UPDATE=1 writes it anew;
// CTCW_WALK=GetTrailStatus walks only there).

// The accounts of the walk. The caller is a delegated administrator, so that trails' owner and members alike are
// reached through AssumeRole.
const (
	walkOwner  = "100000000000" // has the organization trails
	walkCaller = "100000000001"
	walkMember = "100000000002"
	walkBare   = "100000000003" // has no trail
	walkLocal  = "100000000004" // has a trail that stopped, in us-west-2 only
)

// truths are the states of a trail: the walk has one of each of the organization, and one of the caller's and the
// member's own.
var truths = map[string]func(*sample.Trail){
	"good":    func(*sample.Trail) {},
	"short":   func(*sample.Trail) {}, // its log group keeps events for 30 days
	"forever": func(*sample.Trail) {}, // its log group keeps them for ever
	"gone":    func(*sample.Trail) {}, // its log group does not exist
	"stopped": func(t *sample.Trail) { t.Status.Logging, t.Status.StopLogging = false, now.Add(-time.Hour) },
	"stale":   func(t *sample.Trail) { t.Status.LatestCloudWatchLogsDelivery = now.Add(-50 * time.Hour) },
	"never":   func(t *sample.Trail) { t.Status.LatestCloudWatchLogsDelivery = time.Time{} },
	"broken":  func(t *sample.Trail) { t.Status.LatestCloudWatchLogsError = "access denied" },
	"bare":    func(t *sample.Trail) { t.CloudWatchLogsLogGroupARN = "" },
}

func walkOrganization() *sample.Organization {
	org := &sample.Organization{ID: "o-walk", Management: walkOwner, DelegatedAdmins: []string{walkCaller}}
	for i, name := range []string{"owner", "caller", "member", "bare", "local"} {
		a := account(fmt.Sprintf("%012d", 100000000000+i), name)
		a.Regions = []string{"eu-west-1", "us-west-2"}
		a.Roles = []sample.Role{{Name: "audit"}}
		for group, days := range map[string]int32{"good": 365, "short": 30, "forever": 0} {
			a.LogGroups = append(a.LogGroups, &sample.LogGroup{Name: group, Region: "eu-west-1", RetentionInDays: days})
		}
		a.BeforeOrganizationTrails = a.ID == walkBare || a.ID == walkLocal
		if a.ID != walkBare && a.ID != walkLocal {
			for truth, change := range truths {
				if a.ID != walkOwner && !slices.Contains([]string{"good", "gone", "stopped"}, truth) {
					continue // a call for each takes its time
				}
				group := "good"
				if truth == "short" || truth == "forever" || truth == "gone" {
					group = truth
				}
				t := &sample.Trail{Name: "own-" + truth, HomeRegion: "eu-west-1", MultiRegion: true, Status: sample.Healthy(now),
					CloudWatchLogsLogGroupARN: org.LogGroupARN(a.ID, "eu-west-1", group)}
				if a.ID == walkOwner {
					t.Name, t.Organization = "org-"+truth, true
				}
				change(t)
				a.Trails = append(a.Trails, t)
			}
		}
		org.Accounts = append(org.Accounts, a)
	}
	local := &sample.Trail{Name: "local", HomeRegion: "us-west-2", Status: sample.Healthy(now),
		CloudWatchLogsLogGroupARN: org.LogGroupARN(walkLocal, "eu-west-1", "good")}
	truths["stopped"](local)
	org.Account(walkLocal).Trails = []*sample.Trail{local}
	return org
}

// walkDelay is how long a slow call takes.
const walkDelay = 50 * time.Millisecond

// whose are the calls that fail.
type whose struct {
	name    string
	account string // that calls, or in which a role is assumed
	region  string
}

var everyone = []whose{
	{"own", walkCaller, ""}, {"member", walkMember, ""}, {"owner", walkOwner, ""}, {"one region", walkLocal, "us-west-2"},
}

// ways are those in which a call goes wrong.
var ways = []struct {
	name  string
	fault sample.Fault
	how   func(*stroll) ([]row, error) // default: one query for everything
}{
	{"500 once", sample.Fault{Kind: sample.ServerError, Times: 1}, nil},
	{"500", sample.Fault{Kind: sample.ServerError}, nil},
	{"500, in a list", sample.Fault{Kind: sample.ServerError}, (*stroll).inList},
	{"throttled through", sample.Fault{Kind: sample.Throttled, Times: 2}, nil},
	{"denied", sample.Fault{Kind: sample.AccessDenied}, nil},
	{"slow", sample.Fault{Delay: walkDelay}, nil},
	{"cut at a limit", sample.Fault{Delay: walkDelay}, (*stroll).upToALimit},
	{"cancelled beside", sample.Fault{Delay: walkDelay}, (*stroll).besideACancelled},
	{"cancelled, cached", sample.Fault{Delay: walkDelay}, (*stroll).afterACancelled},
}

var walkColumns = []string{"account_id", "arn", "partition", "region", "trail_account_id", "delivery_status", "status_reason", "remediation",
	"cloudwatch_logs_delivery_age_hours", "log_group_status", "retention_in_days", "retention_never_expires", "exempt_reason",
	"unscanned_regions", "scan_error", "trail_status_error", "log_group_error"}

// stroll is one cell of the walk.
type stroll struct {
	*harness
	api, whose string
	way        int
	fault      sample.Fault
	connection string

	rows, after   []row // while the call fails, and once it does not any more
	err, errAfter error
}

func newStroll(t *testing.T, a api, way int, w whose) (*stroll, *proto.ConnectionConfig) {
	org := walkOrganization()
	endpoint := sample.New(org, sample.WithoutSignatureCheck())
	require.NoError(t, endpoint.Start())
	t.Cleanup(func() { endpoint.Close() })
	s := &stroll{harness: &harness{t: t, plugin: plugin(), endpoint: endpoint, org: org},
		api: a.name, way: way, whose: w.name, fault: ways[way].fault}
	s.connection = strings.NewReplacer(" ", "_", ",", "").Replace("walk " + a.name + " " + ways[way].name + " " + w.name)
	s.fault.Action, s.fault.Account, s.fault.Region = a.action, w.account, w.region
	if a.action == assumeRole {
		s.fault.Account, s.fault.Resource = "", "*:"+w.account+":role/*"
	}
	return s, &proto.ConnectionConfig{Connection: s.connection, Config: s.config(org.Account(walkCaller), everyAccount, "max_error_retry_attempts = 3")}
}

// meets reports whether that account ever makes that call.
func (w whose) meets(a api) bool {
	switch a.action {
	case getCallerIdentity, listAccounts:
		return w.account == walkCaller
	case assumeRole:
		return w.account != walkCaller && w.region == ""
	case describeTrails:
		return true
	case listTags: // no verdict hangs on it
		return w.account == walkMember
	}
	return w.region == ""
}

func (s *stroll) everything() request {
	r := request{connections: []string{s.connection}, columns: walkColumns}
	if s.fault.Action == listTags {
		r.columns = append(slices.Clone(walkColumns), "tags", "tags_error")
	}
	return r
}

func (s *stroll) inList() ([]row, error) {
	r := s.everything()
	r.where = map[string][]string{"account_id": {walkOwner, walkCaller, walkMember, walkBare, walkLocal}}
	return s.execute(r)
}

// upToALimit asks for a few rows, of everything and of the member.
func (s *stroll) upToALimit() ([]row, error) {
	var all []row
	for i, where := range []map[string][]string{nil, {"account_id": {walkMember}}, {"account_id": {walkMember, walkOwner, walkCaller}}} {
		r := s.everything()
		r.where, r.limit = where, int64(1+2*i)
		rows, err := s.execute(r)
		if err != nil {
			return nil, err
		}
		all = append(all, rows...)
	}
	return all, nil
}

// besideACancelled asks while another query of the connection is cancelled.
func (s *stroll) besideACancelled() ([]row, error) {
	cancelled := make(chan struct{})
	go func() {
		defer close(cancelled)
		ctx, cancel := context.WithTimeout(context.Background(), walkDelay)
		defer cancel()
		r := s.everything()
		r.ctx = ctx
		s.execute(r) //nolint:errcheck // it is cancelled
	}()
	rows, err := s.execute(s.everything())
	<-cancelled
	return rows, err
}

// afterACancelled asks what a query asked that was cancelled after its first row, with Steampipe's query cache.
func (s *stroll) afterACancelled() ([]row, error) {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	r := s.everything()
	r.cached = true
	first := r
	first.ctx, first.onRow = ctx, func() {
		cancel()
		// The SDK closes the channel of its rows when a cancelled query ends, though its cache may be about to send one
		// more, and panics. The query does not end before this returns.
		time.Sleep(walkDelay)
	}
	s.execute(first) //nolint:errcheck // it is cancelled
	return s.execute(r)
}

func (s *stroll) walk() {
	mend := s.endpoint.Inject(s.fault)
	how := ways[s.way].how
	if how == nil {
		how = func(s *stroll) ([]row, error) { return s.execute(s.everything()) }
	}
	s.rows, s.err = how(s)
	mend()
	s.after, s.errAfter = s.execute(s.everything())
	s.endpoint.Close() //nolint:errcheck // the next ones need its memory
}

// TestWalk: no row says better than the truth, whatever fails.
func TestWalk(t *testing.T) {
	var (
		walks   []*stroll
		configs []*proto.ConnectionConfig
	)
	for _, a := range apis {
		for way := range ways {
			for _, w := range everyone {
				if only := os.Getenv("CTCW_WALK"); w.meets(a) && (strings.Contains(a.name+" "+ways[way].name+" "+w.name, only)) {
					s, config := newStroll(t, a, way, w)
					walks, configs = append(walks, s), append(configs, config)
				}
			}
		}
	}
	walks[0].configure(configs...)
	inParallel(walks, (*stroll).walk)

	judge := newStrictControl(t)
	truth := walks[0].after
	checkTruth(t, truth)
	known, verdicts := byRow(truth), judge.verdicts(truth)
	for _, s := range walks {
		t.Run(s.api+"/"+ways[s.way].name+"/"+s.whose, func(t *testing.T) {
			require.NoError(t, s.errAfter)
			if s.fault.Kind != sample.AccessDenied || s.fault.Action != describeRegions { // that one is believed for some minutes
				assert.Empty(t, differences(s.after, known), "nothing of a failure is kept")
			}
			denied := s.fault.Kind == sample.AccessDenied && s.fault.Action == assumeRole
			strict := judge.verdicts(s.rows)
			for key, got := range byRow(s.rows) {
				for _, complaint := range better(got, known[key], denied) {
					assert.Fail(t, complaint, "%s: %v", key, got)
				}
				if strict[key] == "ok" && verdicts[key] != "ok" && !groupNotKnown(got, known[key], denied) {
					assert.Fail(t, "the strict control says ok", "%s: %v", key, got)
				}
			}
			if s.err == nil && ways[s.way].name != "cut at a limit" {
				for _, lost := range lostRows(s.rows, known) {
					assert.Fail(t, "a row is lost, and its account does not say so", lost)
				}
			}
		})
	}
	compareWalk(t, walks, known)
}

// checkTruth holds what the plugin says of the organization when nothing fails against how it was made.
func checkTruth(t *testing.T, rows []row) {
	require.Len(t, rows, 9+2*(9+3)+2)
	for _, r := range rows {
		_, truth, _ := strings.Cut(fmt.Sprint(r["arn"]), "trail/")
		truth = strings.TrimPrefix(strings.TrimPrefix(truth, "own-"), "org-")
		want := map[string]row{
			"":        {"delivery_status": "no_trail", "log_group_status": nil, "retention_in_days": nil, "retention_never_expires": nil},
			"good":    {"delivery_status": "delivering", "log_group_status": "found", "retention_in_days": int64(365), "retention_never_expires": false},
			"short":   {"delivery_status": "delivering", "log_group_status": "found", "retention_in_days": int64(30), "retention_never_expires": false},
			"forever": {"delivery_status": "delivering", "log_group_status": "found", "retention_in_days": nil, "retention_never_expires": true},
			"gone":    {"delivery_status": "log_group_missing", "log_group_status": "not_found", "retention_in_days": nil, "retention_never_expires": nil},
			"stopped": {"delivery_status": "logging_stopped", "log_group_status": "found"},
			"local":   {"delivery_status": "logging_stopped", "log_group_status": "found"},
			"stale":   {"delivery_status": "stale", "log_group_status": "found"},
			"never":   {"delivery_status": "never_delivered", "log_group_status": "found"},
			"broken":  {"delivery_status": "degraded", "log_group_status": "found"},
			"bare":    {"delivery_status": "not_configured", "log_group_status": nil},
		}[truth]
		assert.Equal(t, want, subset(r, want), "%v", r["arn"])
		for _, column := range []string{"scan_error", "unscanned_regions", "trail_status_error", "log_group_error"} {
			assert.Nil(t, r[column], column)
		}
	}
}

func keyOf(r row) string { return fmt.Sprint(r["account_id"], " ", orDash(r["arn"])) }

func byRow(rows []row) map[string]row {
	out := map[string]row{}
	for _, r := range rows {
		out[keyOf(r)] = r
	}
	return out
}

// better says in what a row says better than the truth, which is the row of the same account and trail when nothing
// fails, nil where there is none. This is the only definition of it:
//
//   - delivery_status is the truth's, or "unknown" beside the column that says why. A log group that is gone is all
//     that may be missed, as [groupNotKnown] defines.
//   - log_group_status is the truth's; or "unknown" beside log_group_error; or, where the owner's account denied the
//     role, "other_account".
//   - retention_in_days and retention_never_expires are the truth's, or null where log_group_status is not "found".
//   - A row that the truth does not have is about an account that had trails, and says why it does not show them.
//
// So a row that says another defect than the real one is a complaint too: there is none that a failure brings about.
func better(got, truth row, denied bool) (complaints []string) {
	complain := func(format string, args ...any) { complaints = append(complaints, fmt.Sprintf(format, args...)) }
	status := got["delivery_status"]
	if truth == nil {
		if got["arn"] != nil || got["scan_error"] == nil || status != "unknown" && status != "no_trail" {
			complain("a row of nothing")
		}
		return complaints
	}
	if status == "unknown" && got["scan_error"] == nil && got["trail_status_error"] == nil {
		complain("unknown, and no column says why")
	}
	if status != truth["delivery_status"] && status != "unknown" && !groupNotKnown(got, truth, denied) {
		complain("delivery_status is %v, in truth %v", status, truth["delivery_status"])
	}
	switch group := got["log_group_status"]; {
	case group == truth["log_group_status"]:
	case group == "unknown" && got["log_group_error"] != nil:
	case group == "other_account" && denied:
	case group == nil && got["arn"] == nil && status == "unknown":
	default:
		complain("log_group_status is %v, in truth %v", group, truth["log_group_status"])
	}
	for _, column := range []string{"retention_in_days", "retention_never_expires"} {
		if got[column] != truth[column] && (got[column] != nil || got["log_group_status"] == "found") {
			complain("%s is %v, in truth %v", column, got[column], truth[column])
		}
	}
	return complaints
}

// groupNotKnown reports whether a row does not know that its log group is gone, and says so: rows 10 and 11 of the
// truth table, in which the trail's status alone decides.
func groupNotKnown(got, truth row, denied bool) bool {
	if truth == nil || truth["delivery_status"] != "log_group_missing" || got["delivery_status"] != "delivering" {
		return false
	}
	reason := fmt.Sprint(got["status_reason"])
	return got["log_group_status"] == "unknown" && got["log_group_error"] != nil &&
		strings.Contains(reason, "Whether the log group still exists is not known: ") ||
		got["log_group_status"] == "other_account" && denied
}

// lostRows are those of the truth that are missing, though no row of their account says that it was not read.
func lostRows(rows []row, truth map[string]row) (lost []string) {
	got, excused := byRow(rows), map[any]bool{}
	for _, r := range rows {
		if r["scan_error"] != nil {
			excused[r["account_id"]] = true
		}
	}
	for key, r := range truth {
		if got[key] == nil && !excused[r["account_id"]] {
			lost = append(lost, key)
		}
	}
	slices.Sort(lost)
	return lost
}

// differences are the columns in which rows are not what they are when nothing fails.
func differences(rows []row, truth map[string]row) (all []string) {
	got := byRow(rows)
	for key, want := range truth {
		for _, column := range walkColumns {
			switch column {
			case "status_reason", "cloudwatch_logs_delivery_age_hours", "remediation": // they have times in them
				continue
			}
			value := want[column]
			if !assert.ObjectsAreEqual(value, got[key][column]) {
				all = append(all, fmt.Sprintf("%s: %s is %v, in truth %v", key, column, got[key][column], value))
			}
		}
	}
	slices.Sort(all)
	return all
}

// seen is what the table says of a cell: of how many rows the truth is known, of how many it is not known whether they
// deliver, or whether the log group is there, and how many are missing because their account could not be read.
func (s *stroll) seen(truth map[string]row) string {
	if s.err != nil {
		return "query fails"
	}
	var known, unknown, group int
	for key, r := range byRow(s.rows) {
		switch {
		case truth[key] == nil:
		case r["delivery_status"] == "unknown":
			unknown++
		case r["log_group_status"] != truth[key]["log_group_status"]:
			group++
		default:
			known++
		}
	}
	if ways[s.way].name == "cut at a limit" {
		return fmt.Sprintf("-/%d/%d/-", unknown, group) // which rows come first is chance
	}
	return fmt.Sprintf("%d/%d/%d/%d", known, unknown, group, len(truth)-known-unknown-group)
}

const walkExplanation = `What a query shows of an organization in which most trails are bad, when AWS answers badly. Written by TestWalk;
CTCW_UPDATE=1 writes it anew.

Each line is an operation and how it fails; then whose calls fail, and of how many rows the query knows the truth, does
not know whether they deliver, does not know whether the log group is there, and has none because it says that it
could not read the account. No row says better than the truth.

`

// compareWalk holds the table against the golden file.
func compareWalk(t *testing.T, walks []*stroll, truth map[string]row) {
	var text strings.Builder
	text.WriteString(walkExplanation)
	for i, s := range walks {
		if i == 0 || s.way != walks[i-1].way || s.fault.Action != walks[i-1].fault.Action {
			if i > 0 {
				text.WriteString("\n")
			}
			fmt.Fprintf(&text, "%-17s  %-17s", s.api, ways[s.way].name)
		}
		fmt.Fprintf(&text, "  %s %s", s.whose, s.seen(truth))
	}
	text.WriteString("\n")
	t.Log("\n" + text.String())
	if os.Getenv("CTCW_WALK") != "" {
		return
	}
	path := filepath.Join("testdata", "walk.txt")
	if os.Getenv("CTCW_UPDATE") != "" {
		require.NoError(t, os.WriteFile(path, []byte(text.String()), 0o644))
	}
	want, err := os.ReadFile(path)
	require.NoError(t, err)
	assert.Equal(t, string(want), text.String())
}

// strictControl is the CIS control in SQLite, over rows.
type strictControl struct {
	t       *testing.T
	db      *sql.DB
	control mod.Control
}

func newStrictControl(t *testing.T) *strictControl {
	m, err := mod.Load()
	require.NoError(t, err)
	db, err := sql.Open("sqlite", filepath.Join(t.TempDir(), "strict.db"))
	require.NoError(t, err)
	t.Cleanup(func() { db.Close() })
	db.SetMaxOpenConns(1)
	_, err = db.Exec("create table " + table + "(arn text, partition text, account_id text, exempt_reason text, delivery_status text, " +
		"cloudwatch_logs_delivery_age_hours double, trail_account_id text, status_reason text, region text)")
	require.NoError(t, err)
	i := slices.IndexFunc(m.Controls, func(c mod.Control) bool { return c.Name == "cis_v200_3_4" })
	return &strictControl{t, db, m.Controls[i]}
}

// verdicts are the control's on each row.
func (c *strictControl) verdicts(rows []row) map[string]string {
	c.t.Helper()
	tx, err := c.db.Begin()
	require.NoError(c.t, err)
	defer tx.Rollback() //nolint:errcheck // nothing of it is kept
	for _, r := range rows {
		_, err := tx.Exec("insert into "+table+" values (?,?,?,?,?,?,?,?,?)", r["arn"], r["partition"], r["account_id"], r["exempt_reason"],
			r["delivery_status"], r["cloudwatch_logs_delivery_age_hours"], r["trail_account_id"], r["status_reason"], r["region"])
		require.NoError(c.t, err)
	}
	query, args, err := c.control.Query(nil)
	require.NoError(c.t, err)
	found, err := tx.Query("select resource, status, account_id from ("+strings.TrimSuffix(strings.TrimSpace(query), ";")+")", args...)
	require.NoError(c.t, err)
	defer found.Close()
	out := map[string]string{}
	for found.Next() {
		var resource, status, id string
		require.NoError(c.t, found.Scan(&resource, &status, &id))
		if !strings.Contains(resource, "trail/") {
			resource = "-"
		}
		out[id+" "+resource] = status
	}
	require.NoError(c.t, found.Err())
	return out
}
