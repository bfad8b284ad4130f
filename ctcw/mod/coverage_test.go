package mod

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const arrivalTable = "cloudtrail_cloudwatch_arrival"

func TestEventsArrive(t *testing.T) {
	cases := []struct {
		arrival, delivery, exempt string
		want, reason              string
	}{
		{"arriving", "delivering", "", "O", "The test says arriving."},
		{"arriving", "stale", "", "O", "The test says arriving."},
		{"quiet", "delivering", "", "I", "The test says quiet."},
		{"empty", "delivering", "", "A", "The test says empty. CloudTrail says that trail main delivers."},
		{"empty", "degraded", "", "A", "The test says empty. CloudTrail says that trail main delivers."},
		{"empty", "log_group_missing", "", "I", "The test says empty. The delivery_status of trail main is log_group_missing."},
		{"empty", "unknown", "", "I", "The delivery_status of trail main is unknown."},
		{"empty", "", "", "I", "The delivery_status of trail main is unknown."},
		{"unknown", "delivering", "", "E", "The test says unknown."},
		{"account", "unknown", "", "E", "The test says account."},
		{"account", "unknown", "closed", "S", "Exempt: closed"},
		{"empty", "delivering", "a test account", "S", "Exempt: a test account"},
		{"unknown", "delivering", "a test account", "S", "Exempt: a test account"},
		{"", "delivering", "", "E", "The test says ."},
	}
	var rows []map[string]any
	for i, c := range cases {
		row := map[string]any{
			"account_id": fmt.Sprintf("%012d", i+1), "partition": "aws", "arrival_status": text(c.arrival), "delivery_status": text(c.delivery),
			"status_reason": "The test says " + c.arrival + ".", "exempt_reason": text(c.exempt),
		}
		if c.arrival == "account" {
			row["arrival_status"] = "unknown"
		} else {
			row["arn"], row["name"], row["region"] = "arn:aws:cloudtrail:eu-west-1:1:trail/main", "main", "eu-west-1"
			row["log_group_arn"], row["source_account_id"] = "arn:aws:logs:eu-west-1:1:log-group:trails:*", owner
			row["stream_region"], row["source_account_name"] = "us-west-2", "payroll"
		}
		rows = append(rows, row)
	}
	never := map[string]any{
		"account_id": "000000000099", "partition": "aws", "arrival_status": "empty", "delivery_status": "delivering", "status_reason": "It never arrived.",
		"name": "main", "log_group_arn": "arn:aws:logs:eu-west-1:1:log-group:trails:*", "source_account_id": owner,
	}
	results := [][]map[string]any{}
	eachEngine(t, func(t *testing.T, _ string, db engine) {
		db.Load(arrivalTable, columnsOf(arrivalTable), append(slices.Clone(rows), never))
		c := control(t, "events_arrive")
		assert.Equal(t, []string{arrivalTable}, c.Tables)
		got := run(t, db, c, nil)
		results = append(results, got)
		require.Len(t, got, len(cases)+1)
		verdicts := byAccount(got)
		for i, c := range cases {
			row := verdicts[fmt.Sprintf("%012d", i+1)]
			assert.Equal(t, c.want, letter(row), c)
			assert.Contains(t, row["reason"], c.reason)
			if c.arrival == "account" {
				assert.Equal(t, fmt.Sprintf("arn:aws:::%012d", i+1), row["resource"])
				assert.Equal(t, row["account_id"], row["source_account_id"])
				continue
			}
			assert.Equal(t, "arn:aws:logs:eu-west-1:1:log-group:trails:log-stream:"+owner+"_CloudTrail_us-west-2", row["resource"])
			assert.Equal(t, []any{owner, "payroll", "us-west-2"}, []any{row["source_account_id"], row["source_account_name"], row["stream_region"]})
		}
		assert.Equal(t, "arn:aws:logs:eu-west-1:1:log-group:trails:log-stream:"+owner+"_CloudTrail", verdicts["000000000099"]["resource"])
		assert.Equal(t, "", verdicts["000000000099"]["stream_region"])
	})
	if len(results) == 2 {
		assert.Equal(t, results[0], results[1])
	}
}

// covering is a trail as an account sees it.
type covering struct {
	multi, events, delivery string // multi: yes, no or not known
	owner, exempt           string
	account                 bool // the row is about the account itself
}

func TestAccountCovered(t *testing.T) {
	const closed = "closed"
	whole := covering{multi: "yes", events: "All", delivery: "delivering"}
	with := func(changes ...func(*covering)) covering {
		c := whole
		for _, change := range changes {
			change(&c)
		}
		return c
	}
	single := func(c *covering) { c.multi = "no" }
	scopeUnknown := func(c *covering) { c.multi = "" }
	writes := func(c *covering) { c.events = "WriteOnly" }
	eventsUnknown := func(c *covering) { c.events = "" }
	is := func(s string) func(*covering) { return func(c *covering) { c.delivery = s } }
	foreign := func(c *covering) { c.owner = owner }
	exempt := func(c *covering) { c.exempt = closed }
	account := func(delivery string) covering { return covering{delivery: delivery, account: true} }
	mended := " The trail belongs to account " + owner + "; only its owner can mend it."
	cases := []struct {
		name, want, reason string
		trails             []covering
	}{
		{"whole", "O", "Trail t0 covers all regions and records all management events. The test says delivering.", []covering{whole}},
		{"degraded", "O", "The test says degraded.", []covering{with(is("degraded"))}},
		{"the organization's", "O", "Trail t0 covers", []covering{with(foreign)}},
		{"one of two", "O", "Trail t1 covers", []covering{with(single), with(foreign)}},
		{"one unknown, one whole", "O", "Trail t1 covers", []covering{with(is("unknown")), with(foreign)}},
		{"one whole but exempt, one not", "O", "Trail t0 covers", []covering{with(exempt), with(single)}},
		{"one region", "A", "Trail t0 covers region eu-west-1 only.", []covering{with(single)}},
		{"writes only", "A", "Trail t0 does not record all management events: WriteOnly.", []covering{with(writes)}},
		{"stale", "A", "The test says stale.", []covering{with(is("stale"))}},
		{"not configured", "A", "The test says not_configured.", []covering{with(is("not_configured"))}},
		{"everything wrong", "A", "Trail t0 covers region eu-west-1 only. Trail t0 does not record all management events: WriteOnly. The test says stale.",
			[]covering{with(single, writes, is("stale"))}},
		{"three halves", "A", "Trail t", []covering{with(single), with(writes), with(is("stale"))}},
		{"the nearest is named", "A", "Trail t1 covers region eu-west-1 only.", []covering{with(writes, is("stale")), with(single)}},
		{"one region, and more is not known", "A", "Trail t0 covers region eu-west-1 only.", []covering{with(single, eventsUnknown, is("unknown"))}},
		{"no trail", "A", "The test says no_trail.", []covering{account("no_trail")}},
		{"own broken, the owner's too", "A", "Trail t0 covers region eu-west-1 only.", []covering{with(single), with(foreign, single)}},
		{"the owner's has one region", "I", "Trail t0 covers region eu-west-1 only." + mended, []covering{with(foreign, single)}},
		{"the owner's is stale", "I", "The test says stale." + mended, []covering{with(foreign, is("stale"))}},
		{"own exempt, the owner's broken", "I", mended, []covering{with(exempt, single), with(foreign, single)}},
		{"delivery unknown", "E", "The test says unknown.", []covering{with(is("unknown"))}},
		{"no delivery status", "E", "The test says .", []covering{with(is(""))}},
		{"selectors unknown", "E", "What trail t0 records is not known: AccessDenied", []covering{with(eventsUnknown)}},
		{"scope unknown", "E", "Whether trail t0 covers all regions is not known.", []covering{with(scopeUnknown)}},
		{"the owner's selectors unknown", "E", "What trail t0 records is not known: AccessDenied", []covering{with(foreign, eventsUnknown)}},
		{"unknown, and one that is broken", "E", "The test says unknown.", []covering{with(single), with(is("unknown"))}},
		{"account not readable", "E", "The test says unknown.", []covering{account("unknown")}},
		{"unknown but exempt, another broken", "A", "Trail t1 covers region", []covering{with(exempt, is("unknown")), with(single)}},
		{"exempt", "S", "Exempt: closed", []covering{with(exempt, single)}},
		{"exempt and whole", "S", "Exempt: closed", []covering{with(exempt)}},
		{"closed", "S", "Exempt: closed", []covering{{delivery: "unknown", account: true, exempt: closed}}},
	}
	var rows []map[string]any
	for i, c := range cases {
		for n, w := range c.trails {
			id := fmt.Sprintf("%012d", i+1)
			row := map[string]any{
				"account_id": id, "partition": "aws", "delivery_status": text(w.delivery), "exempt_reason": text(w.exempt),
				"status_reason": "The test says " + w.delivery + ".",
			}
			if !w.account {
				of := id
				if w.owner != "" {
					of = w.owner
				}
				row["arn"] = fmt.Sprintf("arn:aws:cloudtrail:eu-west-1:%s:trail/t%d", of, n)
				row["name"], row["home_region"], row["region"], row["trail_account_id"] = fmt.Sprintf("t%d", n), "eu-west-1", "eu-west-1", of
				row["management_events"] = text(w.events)
				if w.multi != "" {
					row["is_multi_region_trail"] = w.multi == "yes"
				}
				if w.events == "" {
					row["event_selectors_error"] = "AccessDenied: not authorized"
				}
				if w.owner != "" && !slices.Contains([]string{"delivering", "degraded"}, w.delivery) {
					row["status_reason"] = row["status_reason"].(string) + mended
				}
			}
			rows = append(rows, row)
		}
	}
	results := [][]map[string]any{}
	eachEngine(t, func(t *testing.T, _ string, db engine) {
		db.Load(table, columns(), rows)
		got := run(t, db, control(t, "account_covered"), nil)
		results = append(results, got)
		require.Len(t, got, len(cases), "one row for each account")
		verdicts := byAccount(got)
		for i, c := range cases {
			row := verdicts[fmt.Sprintf("%012d", i+1)]
			assert.Equal(t, c.want, letter(row), c.name)
			assert.Contains(t, row["reason"], c.reason, c.name)
			assert.Equal(t, strings.TrimSpace(row["reason"].(string)), row["reason"])
		}
	})
	if len(results) == 2 {
		assert.Equal(t, results[0], results[1])
	}
}

// TestDeliveryHealthyInAllRegions: where every region is fine it says what delivery_healthy says, row by row.
func TestDeliveryHealthyInAllRegions(t *testing.T) {
	fine := map[string]any{"eu-west-1": map[string]any{"is_logging": true}, "us-west-2": map[string]any{"is_logging": true, "latest_cloudwatch_logs_delivery_time": "2026-11-21T10:00:00Z"}}
	denied := map[string]any{"eu-west-1": map[string]any{"is_logging": true}, "us-west-2": map[string]any{"error": "AccessDenied: not authorized"}}
	quoted := map[string]any{"us-west-2": map[string]any{"latest_cloudwatch_logs_delivery_error": `{"error":"AccessDenied"}`}}
	list := examples()
	var rows []map[string]any
	for _, e := range list {
		if e.row["arn"] != nil {
			e.row["region_status"] = fine
		}
		rows = append(rows, e.row)
	}
	mended := "The trail belongs to account " + owner + "; only its owner can mend it."
	cases := []struct {
		name, want, reason string
		foreign            bool
		failing            string
		regions            map[string]any
		change             func(*parts)
	}{
		{"fine", "O", "CloudTrail delivered", false, "", fine, nil},
		{"a region fails", "A", "Failing in us-west-2. CloudTrail delivered", false, "us-west-2", quoted, nil},
		{"a region fails, another is not known", "A", "Failing in eu-west-1. ", false, "eu-west-1", denied, nil},
		{"a region is not known", "E", "Not every region could be asked. CloudTrail delivered", false, "", denied, nil},
		{"no region is known", "E", "Not every region could be asked. CloudTrail delivered", false, "", nil, nil},
		{"an error text that looks like one", "O", "CloudTrail delivered", false, "", quoted, nil},
		{"a region of the owner's trail fails", "I", mended, true, "us-west-2", fine, nil},
		{"a region of the owner's trail is not known", "I", "Not every region could be asked. ", true, "", denied, nil},
		{"a region fails, and the status at home is not known", "E", "GetTrailStatus failed", false, "us-west-2", denied, func(p *parts) { p.Status, p.StatusError = nil, "AccessDenied" }},
		{"exempt", "S", "Exempt: ", false, "us-west-2", denied, func(p *parts) { p.ExemptReason = "a copy" }},
	}
	for i, c := range cases {
		p := delivering(fmt.Sprintf("9%011d", i))
		if c.foreign {
			p.Trail.OwnerAccountID = owner
		}
		if c.change != nil {
			c.change(&p)
		}
		row := p.row()
		row["failing_regions"] = text(c.failing)
		if c.regions != nil {
			row["region_status"] = c.regions
		}
		rows = append(rows, row)
	}
	results := [][]map[string]any{}
	eachEngine(t, func(t *testing.T, _ string, db engine) {
		db.Load(table, columns(), rows)
		got := run(t, db, control(t, "delivery_healthy_all_regions"), nil)
		results = append(results, got)
		verdicts, home := byAccount(got), byAccount(run(t, db, control(t, "delivery_healthy"), nil))
		for _, e := range list {
			assert.Equal(t, home[e.account()], verdicts[e.account()], e.name)
		}
		for i, c := range cases {
			row := verdicts[fmt.Sprintf("9%011d", i)]
			assert.Equal(t, c.want, letter(row), c.name)
			assert.Contains(t, row["reason"], c.reason, c.name)
		}
	})
	if len(results) == 2 {
		assert.Equal(t, results[0], results[1])
	}
}

// TestOnlyTheControlOfAllRegionsAsksThem: check asks for the columns that a control's SQL names.
func TestOnlyTheControlOfAllRegionsAsksThem(t *testing.T) {
	for _, c := range controls(t) {
		for _, column := range []string{"failing_regions", "region_status"} {
			assert.Equal(t, c.Name == "delivery_healthy_all_regions", strings.Contains(c.SQL, column), c.Name)
		}
		assert.Equal(t, c.Name == "account_covered", strings.Contains(c.SQL, "management_events"), c.Name)
	}
}

// TestMissingAccounts: the account that was to list the others is in order, and stands for those that are missing too.
func TestMissingAccounts(t *testing.T) {
	const missing = "AccessDeniedException: cannot list the organization's accounts after the first 20 (no): ask"
	whole := map[string]any{
		"account_id": owner, "partition": "aws", "arn": "arn:aws:cloudtrail:eu-west-1:" + owner + ":trail/main", "name": "main", "region": "eu-west-1", "home_region": "eu-west-1",
		"trail_account_id": owner, "is_multi_region_trail": true, "management_events": "All", "delivery_status": "delivering", "alarm_status": "monitored", "status_reason": "fine",
		"log_group_arn": "arn:aws:logs:eu-west-1:" + owner + ":log-group:g:*",
	}
	others := map[string]any{"account_id": owner, "partition": "aws", "delivery_status": "unknown", "alarm_status": "unknown", "status_reason": missing, "scan_error": missing}
	of := func(table string) []map[string]any {
		var rows []map[string]any
		for _, row := range []map[string]any{whole, others} {
			cut := map[string]any{}
			for _, column := range columnsOf(table) {
				if v, ok := row[column.Name]; ok {
					cut[column.Name] = v
				}
			}
			if table == alarmTable {
				cut["event_class"] = "root_usage"
			}
			rows = append(rows, cut)
		}
		return rows
	}
	eachEngine(t, func(t *testing.T, _ string, db engine) {
		db.Load(table, columnsOf(table), of(table))
		db.Load(alarmTable, columnsOf(alarmTable), of(alarmTable))
		for _, name := range []string{"account_covered", "cis_v120_3_3", "all_regions_scanned"} {
			said := false
			for _, row := range run(t, db, control(t, name), nil) {
				said = said || letter(row) == "E" && row["reason"] == missing
			}
			assert.True(t, said, name)
		}
	})
}
