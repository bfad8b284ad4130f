package ctcw_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"github.com/turbot/steampipe-plugin-sdk/v5/grpc/proto"

	"github.com/ctcw/steampipe-plugin-ctcw/ctcw/sample"
)

// The fault matrix of the chain behind the trail: the APIs that only the other tables ask, times the ways in which an
// answer goes wrong. One connection scans two accounts, each with a whole chain of its own, in which one alarm is muted;
// the fault strikes what is asked as the member. As nothing is wrong but the answers, no row may be broken, none may be
// better than it is, and none may be lost.

const (
	arrivalTable       = "cloudtrail_cloudwatch_arrival"
	describeLogStreams = "logs:DescribeLogStreams"

	mutedClass = "vpc_changes"
)

// chainAPI is an API, the table that asks it, and the column that shows its error.
type chainAPI struct {
	action, table, column string
	pages                 bool
	optional              bool // newer than many policies: a denial of it leaves out what it says
}

var chainAPIs = []chainAPI{
	{action: getEventSelectors, table: alarmTable, column: "event_selectors_error"},
	{action: describeMetricFilters, table: alarmTable, column: "metric_filter_error", pages: true},
	{action: describeAlarms, table: alarmTable, column: "alarm_error", pages: true},
	{action: listAlarmMuteRules, table: alarmTable, column: "alarm_error", pages: true, optional: true},
	{action: getAlarmMuteRule, table: alarmTable, column: "alarm_error", optional: true},
	{action: getTopicAttributes, table: alarmTable, column: "topic_error"},
	{action: describeLogStreams, table: arrivalTable, column: "log_stream_error", pages: true},
}

// chainFaults say which code the error column shows; those without one harm nothing. A code with a | is one of several.
var chainFaults = []struct {
	name, code string
	kind       sample.FaultKind
	times      int
}{
	{name: "none"},
	{name: "throttled once", kind: sample.Throttled, times: 1},
	{name: "500 once", kind: sample.ServerError, times: 1},
	{name: "reset once", kind: sample.Reset, times: 1},
	{name: "unknown fields", kind: sample.UnknownFields},
	{name: "denied", kind: sample.AccessDenied, code: "AccessDenied|AccessDeniedException|AuthorizationError"},
	{name: "SCP denial", kind: sample.SCPDenied, code: "AccessDenied|AccessDeniedException|AuthorizationError"},
	{name: "throttled always", kind: sample.Throttled, code: "Throttling|ThrottlingException|ThrottledException|Throttled"},
	{name: "500 always", kind: sample.ServerError, code: "InternalError|InternalFailure|InternalServiceFault|InternalServerError|ServiceUnavailableException|InternalServiceError"},
	{name: "reset", kind: sample.Reset, code: "ConnectionError|InvalidResponse"},
	{name: "truncated", kind: sample.TruncatedJSON, code: "InvalidResponse"},
	{name: "wrong content type", kind: sample.WrongContentType, code: "InvalidResponse"},
	{name: "empty body", kind: sample.EmptyBody, code: "InvalidResponse"},
	{name: "nulls", kind: sample.NullValues, code: "InvalidResponse"},
	{name: "repeating token", kind: sample.RepeatingToken, code: "InvalidResponse"},
	{name: "expired token", kind: sample.ExpiredToken, code: "ExpiredToken|ExpiredTokenException"},
	{name: "hang", kind: sample.Hang, code: "RequestTimeout"},
}

// watchedCompany has a whole chain in each account and the streams of its trail, and marks what is secret.
func watchedCompany() *sample.Organization {
	org := company(1)
	for _, a := range org.Accounts {
		m := org.Monitor(a, a.LogGroups[0], now)
		a.MuteRules = []*sample.MuteRule{{Name: "quiet", Region: "eu-west-1", Alarms: []string{m.Alarms[mutedClass].Name}, Expression: "cron(0 2 * * *)", Duration: "PT4H"}}
		org.Arrive(a.Trails[0], a.LogGroups[0], now, []string{a.ID}, []string{"eu-west-1", "us-east-1"})
		a.AccessKeyID = "AKIAMARKED" + a.ID[2:]
		a.SecretAccessKey = "marked/secret/" + a.ID
		a.Roles[0].ExternalID = "marked-external-id"
	}
	return org
}

func TestFaultMatrixOfTheChain(t *testing.T) {
	type cell struct {
		name    string
		api     chainAPI
		code    string
		kind    sample.FaultKind
		harness *harness
		config  *proto.ConnectionConfig
		rows    []row
		err     error
	}
	var cells []*cell
	for _, a := range chainAPIs {
		for _, f := range chainFaults {
			if f.kind == sample.RepeatingToken && !a.pages || f.kind == sample.Hang && testing.Short() {
				continue
			}
			c := &cell{name: a.action + "/" + f.name, api: a, code: f.code, kind: f.kind}
			if a.optional && strings.Contains(c.code, "AccessDenied") {
				c.code = ""
			}
			org := watchedCompany()
			endpoint := sample.New(org)
			require.NoError(t, endpoint.Start())
			t.Cleanup(func() { endpoint.Close() })
			if f.kind != 0 {
				endpoint.Inject(sample.Fault{Action: a.action, Account: memberID, Kind: f.kind, Times: f.times})
			}
			c.harness = &harness{t: t, plugin: plugin(), endpoint: endpoint, org: org}
			arguments := []string{everyAccount, `external_id = "marked-external-id"`, `regions = ["eu-west-1", "us-east-1"]`}
			if f.kind == sample.Hang {
				arguments = append(arguments, "max_error_retry_attempts = 2")
			}
			c.config = &proto.ConnectionConfig{Connection: strings.NewReplacer(":", "_", "/", "_", " ", "_").Replace(c.name), Config: c.harness.config(org.Accounts[0], arguments...)}
			cells = append(cells, c)
		}
	}
	var configs []*proto.ConnectionConfig
	for _, c := range cells {
		configs = append(configs, c.config)
	}
	cells[0].harness.configure(configs...)
	columns := map[string][]string{
		alarmTable: {"account_id", "arn", "event_class", "alarm_status", "status_reason", "remediation", "missing_events", "chains", "event_selectors_error",
			"metric_filter_error", "alarm_error", "topic_error", "trail_status_error", "scan_error", "_ctx"},
		arrivalTable: {"account_id", "arn", "source_account_id", "stream_region", "arrival_status", "status_reason", "log_stream_error", "scan_error", "_ctx"},
	}
	var wg sync.WaitGroup
	slots := make(chan struct{}, 4)
	for _, c := range cells {
		wg.Go(func() {
			if c.kind != sample.Hang {
				slots <- struct{}{}
				defer func() { <-slots }()
			}
			c.rows, c.err = c.harness.execute(request{table: c.api.table, connections: []string{c.config.Connection}, columns: columns[c.api.table]})
		})
	}
	wg.Wait()

	for _, c := range cells {
		t.Run(c.name, func(t *testing.T) {
			require.NoError(t, c.err)
			seen := ""
			status, well, count := "alarm_status", "monitored", 15
			if c.api.table == arrivalTable {
				status, well, count = "arrival_status", "arriving", 2
			}
			counts := map[any]int{}
			for _, r := range c.rows {
				seen += fmt.Sprint(r)
				counts[r["account_id"]]++
				want := well
				if r["event_class"] == mutedClass {
					want = "alarm_disabled"
				}
				assert.NotEmpty(t, r["status_reason"])
				if r["account_id"] != memberID {
					assert.Equal(t, want, r[status], "an account that nothing is wrong with")
					continue
				}
				if c.code == "" {
					if c.api.optional && strings.Contains(c.name, "deni") {
						assert.Contains(t, r[c.api.column], strings.Replace(c.api.action, "cloudwatch:", "(on cloudwatch:", 1), "it goes on without, and says so")
					} else {
						assert.Nil(t, r[c.api.column])
					}
					if r["event_class"] != mutedClass || !c.api.optional {
						assert.Equal(t, want, r[status], r["status_reason"])
					}
					continue
				}
				code, _, _ := strings.Cut(fmt.Sprint(r[c.api.column]), ":")
				assert.Contains(t, strings.Split(c.code, "|"), code, "%s: %v", c.api.column, r[c.api.column])
				assert.Nil(t, r["remediation"])
				if r["event_class"] == mutedClass && r[status] == "alarm_disabled" {
					continue // nothing that is not known could make that whole
				}
				assert.Equal(t, "unknown", r[status], r["status_reason"])
				assert.Contains(t, r["status_reason"], code)
			}
			if c.api.table == arrivalTable && c.code != "" {
				count = 1 // whose events are there is not known
			}
			assert.Equal(t, count, counts[memberID])
			for _, secret := range secrets {
				assert.NotContains(t, seen, secret)
			}
		})
	}
}

// A limit ends the query, not what another row waits for; and a query that is cancelled ends at once.
func TestALimitAndTheChain(t *testing.T) {
	m := monitoredOrganization()
	h := start(t, m.org)
	for range 5 {
		rows := h.rows(request{table: alarmTable, limit: 1})
		require.NotEmpty(t, rows)
		for _, r := range rows {
			assert.Equal(t, "monitored", r["alarm_status"], r["status_reason"])
			for _, column := range []string{"alarm_error", "topic_error", "metric_filter_error", "event_selectors_error"} {
				assert.Nil(t, r[column])
			}
		}
	}
	h = start(t, arrivals().org)
	rows := h.rows(request{table: arrivalTable, limit: 1})
	require.NotEmpty(t, rows)
	assert.Equal(t, "arriving", rows[0]["arrival_status"])
}

func TestACancelledQueryDoesNotWaitForTheChain(t *testing.T) {
	for _, action := range []string{getEventSelectors, describeMetricFilters, describeAlarms, listAlarmMuteRules, getTopicAttributes, describeLogStreams} {
		t.Run(action, func(t *testing.T) {
			org := watchedCompany()
			h := start(t, org)
			h.endpoint.Inject(sample.Fault{Action: action, Kind: sample.Hang})
			ctx, cancel := cancelled()
			defer cancel()
			go func() {
				for h.endpoint.Calls().Of(action) == 0 && ctx.Err() == nil {
					time.Sleep(time.Millisecond)
				}
				cancel()
			}()
			i := slices.IndexFunc(chainAPIs, func(a chainAPI) bool { return a.action == action })
			began := time.Now()
			rows, err := h.execute(request{table: chainAPIs[i].table, ctx: ctx})
			assert.Less(t, time.Since(began), 10*time.Second)
			for _, r := range rows {
				assert.NotEqual(t, "monitored", r["alarm_status"])
				assert.NotEqual(t, "arriving", r["arrival_status"])
			}
			if err != nil {
				assert.Contains(t, err.Error(), "cancel")
			}
		})
	}
}

// moto answers what it does not know with status 500 and a page of HTML. That is no reason to doubt the alarms that it
// has just described; a 500 of AWS is.
func TestAnEmulatorThatFailsAtMuteRules(t *testing.T) {
	for requestID, want := range map[string]string{"": "monitored", "4f2d": "unknown"} {
		m := monitoredOrganization()
		h := start(t, m.org)
		front := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if !strings.HasSuffix(r.URL.Path, "/operation/ListAlarmMuteRules") {
				h.endpoint.ServeHTTP(w, r)
				return
			}
			w.Header().Set("Content-Type", "text/html; charset=utf-8")
			if requestID != "" {
				w.Header().Set("x-amzn-RequestId", requestID)
			}
			w.WriteHeader(http.StatusInternalServerError)
			fmt.Fprint(w, "<!doctype html>\n<html lang=en>\n<title>500 Internal Server Error</title>\n")
		}))
		t.Cleanup(front.Close)
		h.configure(&proto.ConnectionConfig{Connection: "front", Config: strings.Replace(h.config(m.account), h.endpoint.URL(), front.URL, 1)})
		rows := h.rows(request{table: alarmTable, connections: []string{"front"}})
		require.Len(t, rows, 15)
		for _, r := range rows {
			assert.Equal(t, want, r["alarm_status"], r["status_reason"])
			assert.Contains(t, r["alarm_error"], "HTTP status 500 Internal Server Error")
			assert.Contains(t, r["alarm_error"], "(on cloudwatch:ListAlarmMuteRules)")
		}
	}
}
