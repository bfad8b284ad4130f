package ctcw_test

import (
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"github.com/turbot/steampipe-plugin-sdk/v5/grpc/proto"

	"github.com/ctcw/steampipe-plugin-ctcw/ctcw/sample"
	"github.com/ctcw/steampipe-plugin-ctcw/ctcw/verdict/delivery"
)

// The fault matrix: each API that the plugin calls, times each way in which an answer goes wrong. What the
// user sees of it stands in testdata/faults.txt, so that a change shows in review (CTCW_UPDATE=1 writes it
// anew); what must hold in every cell is asserted here.
//
// One connection scans an organization of two accounts, each with one trail that delivers to a log group
// kept for 365 days. The fault strikes what is asked as the member, where the API is asked per account. As
// nothing is wrong but the answers, no cell may say anything worse of a trail than "unknown".

const (
	managementID = "100000000000"
	memberID     = "100000000001"
)

type api struct {
	name, action string
	account      string // whose calls the fault strikes; every account's if empty
	lists        bool   // it can answer with a huge page
	pages        bool   // it has a NextToken
	hang         time.Duration
	// asked are the calls that the same service has answered before it is asked this one.
	asked map[string]int
}

// How long a call that hangs holds a query up: 10 seconds for each of the two attempts that the connection
// allows, 15 for identity and regions together, twice as long for GetTrailStatus, which is asked in a second
// region too.
const (
	oneCall      = 20 * time.Second
	twoCalls     = 2 * oneCall
	identityCall = 15 * time.Second
)

var apis = []api{
	{name: "GetCallerIdentity", action: getCallerIdentity, hang: identityCall},
	{name: "AssumeRole", action: assumeRole, hang: oneCall, asked: map[string]int{getCallerIdentity: 1}},
	{name: "DescribeRegions", action: describeRegions, hang: identityCall + oneCall},
	{name: "ListAccounts", action: listAccounts, lists: true, pages: true, hang: oneCall},
	{name: "DescribeTrails", action: describeTrails, account: memberID, lists: true, hang: oneCall},
	{name: "GetTrailStatus", action: getTrailStatus, account: memberID, hang: twoCalls,
		asked: map[string]int{describeTrails: 6}},
	{name: "DescribeLogGroups", action: describeLogGroups, account: memberID, lists: true, pages: true, hang: oneCall},
	{name: "ListTags", action: listTags, account: memberID, pages: true, hang: oneCall,
		asked: map[string]int{describeTrails: 6, getTrailStatus: 1}},
}

type fault struct {
	name   string
	kind   sample.FaultKind
	times  int
	within time.Duration // default: soon
}

const (
	refused = sample.FaultKind(-1) // nothing listens at the service's endpoint
	soon    = 15 * time.Second     // generous: the cells share two processors with the race detector
)

var faults = []fault{
	{name: "none"},
	{name: "AccessDenied", kind: sample.AccessDenied},
	{name: "SCP denial", kind: sample.SCPDenied},
	{name: "throttled once", kind: sample.Throttled, times: 1},
	{name: "throttled always", kind: sample.Throttled, within: 25 * time.Second},
	{name: "500 once", kind: sample.ServerError, times: 1},
	{name: "500 always", kind: sample.ServerError},
	{name: "connection refused", kind: refused},
	{name: "reset midway once", kind: sample.Reset, times: 1},
	{name: "reset midway", kind: sample.Reset},
	{name: "hang", kind: sample.Hang},
	{name: "truncated answer", kind: sample.TruncatedJSON},
	{name: "wrong content type", kind: sample.WrongContentType},
	{name: "empty body", kind: sample.EmptyBody},
	{name: "unknown fields", kind: sample.UnknownFields},
	{name: "nulls", kind: sample.NullValues},
	// Work for the processor, not waiting: as much as the machine has it take, under the race detector too.
	{name: "huge page", kind: sample.HugePage, within: 4 * time.Minute},
	{name: "repeating NextToken", kind: sample.RepeatingToken},
	{name: "region not enabled", kind: sample.NotEnabled},
	{name: "expired token", kind: sample.ExpiredToken},
}

// applies reports whether an API can go wrong that way at all.
func (f fault) applies(a api) bool {
	return (f.kind != sample.HugePage || a.lists) && (f.kind != sample.RepeatingToken || a.pages)
}

// cell is one fault of one API, and what the user sees of it: of a query, and of the program's check over
// another organization in which the same goes wrong.
type cell struct {
	api    api
	fault  fault
	within time.Duration
	url    string // of the sample organization

	harness    *harness
	connection *proto.ConnectionConfig
	rows       []row
	err        error
	took       time.Duration

	checked *checked
}

func TestFaultMatrix(t *testing.T) {
	var cells, twins []*cell
	for _, a := range apis {
		for _, f := range faults {
			if f.applies(a) && !(testing.Short() && f.kind == sample.Hang) {
				cells, twins = append(cells, newCell(t, a, f)), append(twins, newCell(t, a, f))
			}
		}
	}
	t.Setenv("AWS_CONFIG_FILE", profiles(t, cells))
	var connections []*proto.ConnectionConfig
	for _, c := range cells {
		connections = append(connections, c.connection)
	}
	cells[0].harness.configure(connections...)
	// Side by side, as those that hang do so for most of the time.
	each(append(asking(cells), checking(t, twins)...))
	for i, c := range cells {
		c.checked = twins[i].checked
	}

	for _, c := range cells {
		t.Run(c.api.name+"/"+c.fault.name, func(t *testing.T) { c.check(t) })
	}
	compare(t, cells)
}

// newCell serves an organization in which the fault goes on.
func newCell(t *testing.T, a api, f fault) *cell {
	org := company(1)
	for _, account := range org.Accounts {
		account.Trails[0].Tags = map[string]string{"team": "security"}
		account.AccessKeyID = "AKIAMARKED" + account.ID[2:]
		account.SecretAccessKey = "marked/secret/" + account.ID
		account.Roles[0].ExternalID = "marked-external-id"
	}
	endpoint := sample.New(org)
	// Its own listener drops connections that are not used for 10 seconds, which is when a call that hangs is
	// tried again.
	front := httptest.NewServer(endpoint)
	t.Cleanup(front.Close)
	t.Cleanup(func() { endpoint.Close() })
	c := &cell{api: a, fault: f, within: soon, url: front.URL, harness: &harness{t: t, plugin: plugin(), endpoint: endpoint, org: org}}
	switch {
	case f.kind == sample.Hang:
		c.within = a.hang + 5*time.Second
	case f.within != 0:
		c.within = f.within
	}
	arguments := []string{`accounts = ["*"]`, `role_name = "audit"`, `external_id = "marked-external-id"`, `regions = ["eu-*", "us-east-1"]`}
	switch f.kind {
	case 0:
	case refused:
		arguments = append(arguments, fmt.Sprintf("profile = %q", c.name()))
		if len(a.asked) > 0 && a.action != assumeRole {
			// An endpoint refuses everyone: the management account's calls would be struck by chance.
			arguments[0] = fmt.Sprintf("accounts = [%q]", memberID)
		}
	default:
		strike := sample.Fault{Action: a.action, Account: a.account, Kind: f.kind, Times: f.times}
		if f.kind == sample.HugePage && a.action == describeTrails {
			strike.Region = "eu-west-1" // 5000 rows will do
		}
		endpoint.Inject(strike)
	}
	if f.kind == sample.Hang {
		arguments = append(arguments, "max_error_retry_attempts = 2")
	}
	config := strings.Replace(c.harness.config(org.Accounts[0], arguments...), `endpoint_url = ""`, fmt.Sprintf("endpoint_url = %q", c.url), 1)
	if f.kind == refused {
		// The profile names the endpoints: an endpoint_url of the connection would be that of every service.
		config = strings.Replace(config, "endpoint_url", "# endpoint_url", 1)
	}
	c.connection = &proto.ConnectionConfig{Connection: c.name(), Config: config}
	return c
}

// profiles writes the profiles of cells to a file of AWS's configuration.
func profiles(t *testing.T, cells []*cell) string {
	text := ""
	for _, c := range cells {
		text += c.profile(t)
	}
	path := filepath.Join(t.TempDir(), "config")
	require.NoError(t, os.WriteFile(path, []byte(text), 0o600))
	return path
}

func (c *cell) name() string { return strings.ReplaceAll(c.api.name+"_"+c.fault.name, " ", "_") }

// profile sends one service to an endpoint of its own, which refuses connections: from the start, or, where
// the service is needed for something else before, from when it is asked the API of this cell.
func (c *cell) profile(t *testing.T) string {
	if c.fault.kind != refused {
		return ""
	}
	service := map[string]string{"sts": "sts", "ec2": "ec2", "organizations": "organizations", "cloudtrail": "cloudtrail",
		"logs": "cloudwatch_logs"}[strings.Split(c.api.action, ":")[0]]
	url := "http://127.0.0.1:1"
	if c.api.asked != nil {
		url = c.refuseLater(t)
	}
	return fmt.Sprintf("[profile %[1]s]\nservices = %[1]s\nendpoint_url = %[4]s\n[services %[1]s]\n%[2]s =\n  endpoint_url = %[3]s\n",
		c.name(), service, url, c.url)
}

func (c *cell) refuseLater(t *testing.T) string {
	front := &refuser{cell: c}
	server := httptest.NewServer(front)
	t.Cleanup(server.Close)
	front.refuse = func() {
		server.Listener.Close()
		go server.CloseClientConnections() // which waits for the caller
	}
	return server.URL
}

// refuser passes requests on to the sample organization until the API of its cell is asked.
type refuser struct {
	cell   *cell
	refuse func()
	once   sync.Once
}

func (r *refuser) ServeHTTP(w http.ResponseWriter, q *http.Request) {
	_, operation, _ := strings.Cut(r.cell.api.action, ":")
	asked := strings.HasSuffix(q.Header.Get("X-Amz-Target"), "."+operation)
	if !asked && q.Header.Get("X-Amz-Target") == "" {
		asked = r.cell.harness.endpoint.Calls().Of(getCallerIdentity) > 0 // STS, which is asked one after the other
	}
	if !asked {
		r.cell.harness.endpoint.ServeHTTP(w, q)
		return
	}
	for action, n := range r.cell.api.asked {
		for began := time.Now(); r.cell.harness.endpoint.Calls().Of(action) < n && time.Since(began) < soon; {
			time.Sleep(time.Millisecond)
		}
	}
	time.Sleep(50 * time.Millisecond) // until the last answer has arrived
	r.once.Do(r.refuse)
	panic(http.ErrAbortHandler)
}

// job is something to do with a cell.
type job struct {
	*cell
	do func(*cell)
}

func asking(cells []*cell) (jobs []job) {
	for _, c := range cells {
		jobs = append(jobs, job{c, (*cell).ask})
	}
	return jobs
}

// each does all jobs, those that hang beside the others.
func each(jobs []job) {
	hang := func(j job) bool { return j.fault.kind == sample.Hang }
	var wg sync.WaitGroup
	for _, j := range jobs {
		if hang(j) {
			wg.Go(func() { j.do(j.cell) })
		}
	}
	inParallel(slices.DeleteFunc(slices.Clone(jobs), hang), func(j job) { j.do(j.cell) })
	wg.Wait()
}

// inParallel does something with all items, with a few at a time.
func inParallel[T any](items []T, do func(T)) {
	var wg sync.WaitGroup
	slots := make(chan struct{}, 4)
	for _, item := range items {
		slots <- struct{}{}
		wg.Go(func() {
			defer func() { <-slots }()
			do(item)
		})
	}
	wg.Wait()
}

func (c *cell) ask() {
	columns := append(c.harness.verdictColumns(), "tags", "tags_error")
	if c.api.action == describeTrails && c.fault.kind == sample.HugePage {
		// GetTrailStatus of thousands of trails would be no other work, only more.
		columns = []string{"account_id", "arn", "name", "delivery_status", "status_reason", "scan_error", "_ctx"}
	}
	began := time.Now()
	c.rows, c.err = c.harness.execute(request{connections: []string{c.connection.Connection}, columns: columns})
	c.took = time.Since(began)
}

func (h *harness) verdictColumns() []string {
	return []string{"account_id", "arn", "name", "delivery_status", "status_reason", "remediation", "is_logging", "log_group_status",
		"retention_in_days", "retention_never_expires", "scan_error", "unscanned_regions", "trail_status_error", "log_group_error", "_ctx"}
}

// check asserts what holds whatever goes wrong.
func (c *cell) check(t *testing.T) {
	assert.Less(t, c.took, c.within)
	c.checkSecrets(t)
	c.checkProgram(t)
	if c.err != nil {
		assert.Contains(t, []string{"GetCallerIdentity", "ListAccounts"}, c.api.name, "only the connection's own identity and accounts may fail a query: %v", c.err)
		assert.Empty(t, c.rows)
		assert.NotContains(t, strings.TrimSpace(c.err.Error()), "\n")
		assert.Contains(t, c.err.Error(), fmt.Sprintf("connection %q: ", c.connection.Connection))
		assert.NotContains(t, c.err.Error(), "panic")
		assert.NotContains(t, c.err.Error(), "nil pointer")
		return
	}
	accounts, arns := map[any]int{}, map[any]int{}
	for _, r := range c.rows {
		accounts[r["account_id"]]++
		if r["arn"] != nil {
			arns[r["arn"]]++
		}
		c.checkRow(t, r)
	}
	for arn, n := range arns {
		assert.Equal(t, 1, n, arn)
	}
	for _, id := range c.scanned() {
		assert.NotZero(t, accounts[id], "account %s has no row", id)
	}
	if c.api.account == memberID && c.fault.kind != refused {
		spared := by(c.rows, "account_id")[managementID]
		assert.Equal(t, "delivering", spared["delivery_status"], "an account that nothing is wrong with")
	}
	c.checkRegions(t)
}

func (c *cell) scanned() []string {
	if strings.Contains(c.connection.Config, "accounts = [\"*\"]") {
		return []string{managementID, memberID}
	}
	return []string{memberID}
}

func (c *cell) checkRow(t *testing.T, r row) {
	status := delivery.Status(fmt.Sprint(r["delivery_status"]))
	assert.Contains(t, delivery.Statuses, status)
	assert.NotEmpty(t, r["status_reason"])
	if c.fault.kind == sample.HugePage && (strings.Contains(fmt.Sprint(r["name"]), "huge") || r["account_id"].(string)[0] == '9') {
		return // what the page was blown up with
	}
	assert.Contains(t, []delivery.Status{delivery.Delivering, delivery.Unknown}, status, r["status_reason"])
	assert.Contains(t, []any{"found", "unknown", nil}, r["log_group_status"])
	assert.Contains(t, []any{int64(365), nil}, r["retention_in_days"])
	assert.NotEqual(t, true, r["retention_never_expires"])
	assert.Contains(t, []any{map[string]any{"team": "security"}, nil}, r["tags"])
	if status == delivery.Unknown {
		assert.Nil(t, r["remediation"])
		assert.False(t, r["scan_error"] == nil && r["trail_status_error"] == nil, "unknown, and no column says why")
	}
	if _, asked := r["tags"]; asked && r["arn"] != nil {
		assert.NotEqual(t, r["tags"] == nil, r["tags_error"] == nil, "tags, or why there are none")
		assert.NotEqual(t, r["log_group_status"] != "found", r["log_group_error"] == nil, "a log group, or why it is not known")
		assert.NotEqual(t, r["is_logging"] == nil, r["trail_status_error"] == nil, "a status, or why there is none")
	}
}

// checkRegions asserts that no region was left out quietly: each was asked, or its account says what failed.
func (c *cell) checkRegions(t *testing.T) {
	asked := map[string]bool{}
	for call := range c.harness.endpoint.Calls().ByCall() {
		if call.Action == describeTrails && call.Account == memberID {
			asked[call.Region] = true
		}
	}
	if by(c.rows, "account_id")[memberID]["scan_error"] != nil {
		return
	}
	for _, region := range []string{"eu-central-1", "eu-north-1", "eu-west-1", "eu-west-2", "eu-west-3", "us-east-1"} {
		assert.True(t, asked[region], "%s was not asked", region)
	}
}

// secrets are what must not be seen anywhere: the marked keys and external ids, and what AssumeRole hands out.
var secrets = []string{"AKIAMARKED", "marked/secret", "marked-external-id", "ASIASAMP", "this-is-not-a-secret", "sample/session"}

func (c *cell) checkSecrets(t *testing.T) {
	seen := fmt.Sprint(c.err)
	for _, r := range c.rows[:min(len(c.rows), 100)] {
		seen += fmt.Sprint(r)
	}
	for _, secret := range secrets {
		assert.NotContains(t, seen, secret)
	}
}

// compare holds what the user sees against the golden file.
func compare(t *testing.T, cells []*cell) {
	lines := map[string]string{}
	for _, c := range cells {
		lines[c.name()] = c.line()
	}
	var text strings.Builder
	text.WriteString(explanation)
	for _, a := range apis {
		fmt.Fprintf(&text, "\n%s\n", a.name)
		for _, f := range faults {
			if line, ok := lines[(&cell{api: a, fault: f}).name()]; ok {
				fmt.Fprintf(&text, "  %-20s %s\n", f.name, line)
			} else if !f.applies(a) {
				fmt.Fprintf(&text, "  %-20s cannot be: no list, or no pages\n", f.name)
			}
		}
	}
	t.Log("\n" + text.String())
	path := filepath.Join("testdata", "faults.txt")
	if os.Getenv("CTCW_UPDATE") != "" && !testing.Short() {
		require.NoError(t, os.MkdirAll("testdata", 0o755))
		require.NoError(t, os.WriteFile(path, []byte(text.String()), 0o644))
	}
	want, err := os.ReadFile(path)
	require.NoError(t, err)
	if testing.Short() {
		want = regexp.MustCompile(`(?m)^  hang .*\n`).ReplaceAll(want, nil)
	}
	assert.Equal(t, string(want), text.String())
}

const explanation = `What a query shows when AWS answers badly. Written by TestFaultMatrix; CTCW_UPDATE=1 writes it anew.

One connection scans two accounts, the management account (m) and a member (a). Both have a trail that
delivers to a log group that is kept. The fault strikes the calls made as the member, where the API is called
per account; an endpoint that refuses connections refuses those of both, or only the member is scanned. Each
line says within which time the query ends, the exit code of the program's check, and what the query shows:
  account=delivery_status/log_group_status   for each row; - is null
  column: text                               the error columns of the first row that has any
  query fails: text                          no rows
`

var (
	address   = regexp.MustCompile(`127\.0\.0\.1:\d+`)
	ephemeral = regexp.MustCompile(`(read|write) tcp \S+->`)
)

func (c *cell) line() string {
	text := fmt.Sprintf("%-3.0fs exit %d  ", c.within.Seconds(), c.checked.code)
	if c.err != nil {
		text += "query fails: " + c.err.Error()
	} else {
		text += c.summary()
	}
	return ephemeral.ReplaceAllString(address.ReplaceAllString(text, "ENDPOINT"), "$1 tcp ")
}

func (c *cell) summary() string {
	letters := map[string]string{managementID: "m", memberID: "a"}
	counts := map[string]int{}
	failed := row{}
	for _, r := range c.rows {
		letter, ok := letters[r["account_id"].(string)]
		if !ok {
			letter = "others"
		}
		seen := fmt.Sprintf("%s=%s/%s", letter, r["delivery_status"], orDash(r["log_group_status"]))
		counts[seen]++
		if ok && slices.ContainsFunc(errorColumns, func(column string) bool { return r[column] != nil }) {
			failed = r
		}
	}
	var parts []string
	for _, seen := range slices.Backward(slices.Sorted(maps.Keys(counts))) {
		if counts[seen] > 1 {
			seen = fmt.Sprintf("%d × %s", counts[seen], seen)
		}
		parts = append(parts, seen)
	}
	text := strings.Join(parts, " ")
	if unscanned, _ := c.rows[len(c.rows)-1]["unscanned_regions"].(map[string]any); failed["scan_error"] == nil {
		maps.DeleteFunc(unscanned, func(_ string, code any) bool { return code == "NotSelected" })
		if len(unscanned) > 0 {
			text += fmt.Sprintf("; unscanned_regions: %v", unscanned)
		}
	}
	for _, column := range errorColumns {
		if failed[column] != nil {
			text += fmt.Sprintf("; %s: %v", column, failed[column])
		}
	}
	return text
}

var errorColumns = []string{"scan_error", "trail_status_error", "log_group_error", "tags_error"}

func orDash(v any) any {
	if v == nil {
		return "-"
	}
	return v
}
