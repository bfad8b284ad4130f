package ctcw_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"github.com/turbot/steampipe-plugin-sdk/v5/grpc/proto"

	"github.com/ctcw/steampipe-plugin-ctcw/ctcw/base/statement"
	"github.com/ctcw/steampipe-plugin-ctcw/ctcw/sample"
)

const (
	assumeRole   = "sts:AssumeRole"
	listAccounts = "organizations:ListAccounts"
)

// company is a management account and its members, each with a trail of its own that delivers and the
// role "audit".
func company(members int) *sample.Organization {
	org := &sample.Organization{ID: "o-test", Management: "100000000000"}
	for i := range members + 1 {
		a := account(fmt.Sprintf("%012d", 100000000000+i), fmt.Sprintf("account-%02d", i))
		a.Roles = []sample.Role{{Name: "audit"}}
		a.LogGroups = []*sample.LogGroup{{Name: "g", Region: "eu-west-1", RetentionInDays: 365}}
		a.Trails = []*sample.Trail{{Name: "own", HomeRegion: "eu-west-1", MultiRegion: true,
			CloudWatchLogsLogGroupARN: org.LogGroupARN(a.ID, "eu-west-1", "g"), Status: sample.Healthy(now)}}
		org.Accounts = append(org.Accounts, a)
	}
	return org
}

// organizationTrail turns the management account's trail into one of the organization, and leaves members
// none of their own.
func organizationTrail(org *sample.Organization) {
	org.Accounts[0].Trails[0].Organization = true
	for _, a := range org.Accounts[1:] {
		a.Trails = nil
	}
}

const everyAccount = "accounts = [\"*\"]\nrole_name = \"audit\""

func by(rows []row, column string) map[string]row {
	out := map[string]row{}
	for _, r := range rows {
		out[r[column].(string)] = r
	}
	return out
}

func TestOneConnectionAnswersForTheOrganization(t *testing.T) {
	h := start(t, company(24), everyAccount)
	h.endpoint.Update(func(o *sample.Organization) {
		o.Account("account-03").Roles[0].Denied = true
		o.Account("account-04").Status = "SUSPENDED"
		o.Account("account-05").Denied = []sample.Denial{{Action: describeTrails, SCP: true}}
		o.Account("account-06").Trails = nil
	})
	rows := by(h.rows(request{}), "account_id")
	require.Len(t, rows, 25)
	for id, r := range rows {
		switch id {
		case "100000000003":
			assert.Equal(t, "unknown", r["delivery_status"])
			assert.Contains(t, r["scan_error"], "AccessDenied: ")
			assert.Contains(t, r["scan_error"], "sts:AssumeRole")
			assert.Nil(t, r["exempt_reason"])
		case "100000000004":
			assert.Equal(t, "unknown", r["delivery_status"])
			assert.Equal(t, "AWS Organizations lists the account as SUSPENDED", r["exempt_reason"])
		case "100000000005":
			assert.Equal(t, "unknown", r["delivery_status"])
			assert.Contains(t, r["scan_error"], "explicit deny")
		case "100000000006":
			assert.Equal(t, "no_trail", r["delivery_status"])
		default:
			assert.Equal(t, "delivering", r["delivery_status"], id)
			assert.EqualValues(t, 365, r["retention_in_days"])
			assert.Equal(t, id, r["log_group_account_id"])
		}
	}
	assert.Equal(t, 1, h.endpoint.Calls().Of(getCallerIdentity))
	assert.Equal(t, 2, h.endpoint.Calls().Of(listAccounts), "pages of 20")
	assert.Equal(t, 0, h.endpoint.Calls().In("100000000004", "").Total(), "a closed account is not asked")
}

func TestAnAccountFilterPrunesBeforeARoleIsAssumed(t *testing.T) {
	h := start(t, company(24), everyAccount)
	assert.Equal(t, "100000000007", h.one(request{where: map[string][]string{"account_id": {"100000000007"}}})["account_id"])
	h.costs(map[string]int{getCallerIdentity: 1, listAccounts: 1, assumeRole: 1, describeRegions: 2, describeTrails: 17, getTrailStatus: 1, describeLogGroups: 1})
}

func TestAccountsByIDGlobAndName(t *testing.T) {
	cases := map[string]struct {
		arguments string
		want      []string
		lists     int
	}{
		"ids":             {`accounts = ["100000000002", "100000000001"]`, []string{"100000000001", "100000000002"}, 0},
		"glob of ids":     {`accounts = ["10000000000?"]`, []string{"100000000000", "100000000001", "100000000002", "100000000003"}, 1},
		"glob of names":   {`accounts = ["account-*"]`, []string{"100000000000", "100000000001", "100000000002", "100000000003"}, 1},
		"some left out":   {"accounts = [\"*\"]\nskip_accounts = [\"100000000001\", \"account-03\"]", []string{"100000000000", "100000000002"}, 1},
		"the caller only": {`accounts = ["100000000000"]`, []string{"100000000000"}, 0},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			h := start(t, company(3), c.arguments, `role_name = "audit"`)
			assert.Equal(t, c.want, values(h.rows(request{columns: []string{"account_id"}}), "account_id"))
			assert.Equal(t, c.lists, h.endpoint.Calls().Of(listAccounts))
		})
	}
}

func TestAnOrganizationThatCannotBeListed(t *testing.T) {
	h := start(t, company(3), everyAccount)
	allow := h.endpoint.Inject(sample.Fault{Action: listAccounts, Kind: sample.AccessDenied})
	_, err := h.execute(request{})
	assert.ErrorContains(t, err, `connection "account-00": cannot list the organization's accounts (AccessDeniedException`)
	assert.ErrorContains(t, err, "without it, name the accounts by their ids")

	h.configure(&proto.ConnectionConfig{Connection: "ids", Config: h.config(h.org.Accounts[0], `accounts = ["100000000001", "100000000002"]`, `role_name = "audit"`)})
	assert.Len(t, h.rows(request{connections: []string{"ids"}}), 2)

	h.configure(&proto.ConnectionConfig{Connection: "typo", Config: h.config(h.org.Accounts[0], `accounts = ["acount-*"]`, `role_name = "audit"`)})
	allow()
	_, err = h.execute(request{connections: []string{"typo"}})
	assert.ErrorContains(t, err, `connection "typo": accounts: "acount-*" matches no account of the organization, by id or by name`)
}

func TestAnOrganizationTrailIsAskedOnceThroughItsOwner(t *testing.T) {
	org := company(10)
	organizationTrail(org)
	for _, a := range org.Accounts[1:] {
		a.OrganizationTrailStatus = sample.StatusNotFound
	}
	h := start(t, org, everyAccount)
	rows := h.rows(request{})
	require.Len(t, rows, 11)
	for _, r := range rows {
		want := row{"trail_account_id": "100000000000", "delivery_status": "delivering", "log_group_status": "found", "retention_in_days": int64(365), "trail_status_error": nil}
		assert.Equal(t, want, subset(r, want))
	}
	h.costs(map[string]int{getCallerIdentity: 1, listAccounts: 1, assumeRole: 10, describeRegions: 11, describeTrails: 11 * 17, getTrailStatus: 1, describeLogGroups: 1})
}

func TestAnOrganizationTrailWhoseOwnerIsOutOfReach(t *testing.T) {
	org := company(3)
	organizationTrail(org)
	org.DelegatedAdmins = []string{"100000000001"}
	h := start(t, org)
	h.configure(&proto.ConnectionConfig{Connection: "members", Config: h.config(org.Accounts[1], "accounts = [\"*\"]\nskip_accounts = [\"100000000000\"]", `role_name = "audit"`)})
	rows := h.rows(request{connections: []string{"members"}})
	require.Len(t, rows, 3)
	for _, r := range rows {
		want := row{"trail_account_id": "100000000000", "delivery_status": "delivering", "log_group_status": "other_account", "retention_in_days": nil}
		assert.Equal(t, want, subset(r, want))
	}
}

func TestTheExternalIDGoesWithTheRole(t *testing.T) {
	org := company(1)
	org.Accounts[1].Roles[0].ExternalID = "marked-external-id"
	h := start(t, org, everyAccount, `external_id = "marked-external-id"`, `role_session_name = "auditor"`)
	assert.Equal(t, "delivering", by(h.rows(request{}), "account_id")["100000000001"]["delivery_status"])

	h = start(t, org, everyAccount, `external_id = "wrong-external-id"`)
	r := by(h.rows(request{}), "account_id")["100000000001"]
	assert.Equal(t, "unknown", r["delivery_status"])
	for column, v := range r {
		assert.NotContains(t, fmt.Sprint(v), "external-id", column)
	}
}

func TestThrottlingLosesNoRowOfAnOrganization(t *testing.T) {
	want := by(start(t, company(10), everyAccount).rows(request{columns: []string{"account_id", "delivery_status"}}), "account_id")
	for _, share := range []float64{0.1, 0.3} {
		h := start(t, company(10), everyAccount)
		h.endpoint.Inject(sample.Fault{Kind: sample.Throttled, Rate: share, Seed: 7})
		got := by(h.rows(request{columns: []string{"account_id", "delivery_status"}}), "account_id")
		require.Len(t, got, len(want))
		for id := range want {
			assert.Equal(t, want[id]["delivery_status"], got[id]["delivery_status"])
		}
	}
}

func TestAnOrganizationOfWhichNothingIsLeftIsAMistake(t *testing.T) {
	for arguments, want := range map[string]string{
		`skip_accounts = ["*"]`:        "skip_accounts leaves no account to scan",
		`skip_accounts = ["acount-*"]`: `skip_accounts: "acount-*" matches none of the accounts, by id or by name`,
	} {
		_, err := start(t, company(2), everyAccount, arguments).execute(request{})
		assert.ErrorContains(t, err, want)
	}
}

// A closed account refuses everyone, or does not answer at all: a log group there is out of reach, whatever STS says.
func TestALogGroupOfAClosedAccountIsNotAskedFor(t *testing.T) {
	org := company(2)
	org.Accounts[1].Trails[0].CloudWatchLogsLogGroupARN = org.LogGroupARN("100000000002", "eu-west-1", "g")
	h := start(t, org, everyAccount)
	h.endpoint.Update(func(o *sample.Organization) { o.Account("account-02").Status = "SUSPENDED" })
	h.endpoint.Inject(sample.Fault{Action: assumeRole, Resource: "*:100000000002:role/*", Kind: sample.ServerError})
	got := by(h.rows(request{}), "account_id")["100000000001"]
	want := row{"delivery_status": "delivering", "log_group_status": "other_account", "log_group_error": nil}
	assert.Equal(t, want, subset(got, want))
	assert.Equal(t, 1, h.endpoint.Calls().Of(assumeRole), "only of the account that is open")
}

// Of 25 accounts a page shows 20.
func TestAnOrganizationThatIsListedOnlyInPart(t *testing.T) {
	last := sample.Fault{Action: listAccounts, Kind: sample.AccessDenied, After: 1}
	t.Run("a row says that accounts are missing", func(t *testing.T) {
		h := start(t, company(24), everyAccount, `ignore_error_codes = ["AccessDenied*"]`)
		for _, table := range []string{table, alarmTable, arrivalTable} {
			var known, missing []row
			mend := h.endpoint.Inject(last)
			rows := h.rows(request{table: table})
			mend()
			for _, r := range rows {
				if r["scan_error"] == nil {
					known = append(known, r)
				} else {
					missing = append(missing, r)
				}
			}
			assert.Len(t, by(known, "account_id"), 20, table)
			require.NotEmpty(t, missing, table)
			for _, r := range missing {
				assert.Equal(t, "100000000000", r["account_id"], table)
				assert.Contains(t, r["scan_error"], "AccessDeniedException: cannot list the organization's accounts after the first 20 (", table)
				assert.Nil(t, r["arn"], table)
			}
		}
		assert.Len(t, h.rows(request{}), 25, "what failed is asked again")
	})
	t.Run("who asks for a missing account hears of it", func(t *testing.T) {
		h := start(t, company(24), everyAccount)
		mend := h.endpoint.Inject(last)
		rows := by(h.rows(request{where: map[string][]string{"account_id": {"100000000007", "100000000022"}}}), "account_id")
		mend()
		require.Len(t, rows, 2)
		assert.Equal(t, "delivering", rows["100000000007"]["delivery_status"])
		assert.Equal(t, "unknown", rows["100000000022"]["delivery_status"])
		assert.Contains(t, rows["100000000022"]["scan_error"], "after the first 20")

		mend = h.endpoint.Inject(last)
		arn := "arn:aws:cloudtrail:eu-west-1:100000000022:trail/own"
		r := h.one(request{where: map[string][]string{"arn": {arn}}})
		assert.Equal(t, "unknown", r["delivery_status"])
		assert.Equal(t, arn, r["arn"])
		assert.Contains(t, r["scan_error"], "after the first 20")
		mend()
		h.endpoint.Inject(last)
		of := map[string][]string{"arn": {"arn:aws:cloudtrail:eu-west-1:100000000007:trail/none"}}
		assert.Empty(t, h.rows(request{where: of}), "that account was listed, and has no such trail")
	})
	t.Run("who asks whether events of a missing account arrive hears of it", func(t *testing.T) {
		org := company(24)
		organizationTrail(org)
		for _, c := range []struct {
			where  map[string][]string
			source string
			rows   int
		}{
			{map[string][]string{"source_account_id": {"100000000022"}}, "100000000022", 2},
			{map[string][]string{"account_id": {"100000000000"}}, "100000000000", 21},
			{map[string][]string{"account_id": {"100000000000"}, "source_account_id": {"100000000022"}}, "100000000022", 1},
		} {
			h := start(t, org, everyAccount)
			h.endpoint.Inject(last)
			c.where["region"] = []string{"eu-west-1"}
			rows := h.rows(request{table: arrivalTable, where: c.where})
			assert.Equal(t, c.rows, len(rows), c.where)
			told := 0
			for _, r := range rows {
				if r["arrival_status"] == "unknown" {
					assert.Equal(t, c.source, r["source_account_id"], c.where)
					assert.Contains(t, r["status_reason"], "after the first 20", c.where)
					told++
				}
			}
			assert.NotZero(t, told, c.where)
		}
		h := start(t, org, everyAccount)
		h.endpoint.Inject(last)
		r := h.one(request{table: arrivalTable, where: map[string][]string{"account_id": {"100000000000"}, "source_account_id": {"100000000007"}}})
		assert.Equal(t, "empty", r["arrival_status"], "that account is listed")
	})
	t.Run("an exemption that may be of a missing account", func(t *testing.T) {
		const unused = `connection "account-00": exempt matches no trail: arn:aws:cloudtrail:*:100000000022:trail/*`
		h := start(t, company(24), everyAccount, `exempt = { "arn:aws:cloudtrail:*:100000000022:trail/*" = "a reason" }`)
		h.endpoint.Update(func(o *sample.Organization) { o.Account("account-22").Trails = nil })
		mend := h.endpoint.Inject(last)
		ctx, asked := statement.With(context.Background())
		h.rows(request{ctx: ctx})
		mend()
		assert.Empty(t, asked.Warnings())
		ctx, asked = statement.With(context.Background())
		h.rows(request{ctx: ctx})
		assert.Equal(t, []string{unused}, asked.Warnings())
	})
	t.Run("a pattern that may be a mistake", func(t *testing.T) {
		h := start(t, company(24), `accounts = ["*"]`, `skip_accounts = ["account-22"]`, `role_name = "audit"`)
		mend := h.endpoint.Inject(last)
		_, err := h.execute(request{})
		assert.ErrorContains(t, err, "cannot list the organization's accounts after the first 20")
		mend()
		assert.Len(t, h.rows(request{}), 24)
	})
	t.Run("a log group of an account that may be in reach", func(t *testing.T) {
		org := company(24)
		owner := org.Accounts[22]
		for _, a := range org.Accounts[:20] {
			a.Trails[0].CloudWatchLogsLogGroupARN = org.LogGroupARN(owner.ID, "eu-west-1", "none")
		}
		h := start(t, org, everyAccount)
		h.endpoint.Inject(last)
		for _, r := range h.rows(request{})[1:20] {
			if r["arn"] != nil {
				assert.Equal(t, "unknown", r["log_group_status"], "not other_account: it may be one of those that were not listed")
			}
		}
	})
}

// Rows of the first accounts do not wait for the last page.
func TestTheFirstRowComesBeforeTheListIsRead(t *testing.T) {
	h := start(t, company(400), everyAccount, `regions = ["eu-west-1"]`)
	r := request{limit: 1}
	require.Len(t, h.rows(r), 1)
	assert.Less(t, h.endpoint.Calls().Of(listAccounts), 8, "of 21 pages")
	assert.Equal(t, 1, h.endpoint.Calls().Of(getCallerIdentity))
	rows := h.rows(request{columns: []string{"account_id", "delivery_status"}})
	assert.Len(t, by(rows, "account_id"), 401)
	assert.Equal(t, 21, h.endpoint.Calls().Of(listAccounts), "each page once")
}

// Accounts that were being scanned when the limit was reached could be read: nobody waited for it.
func TestALimitLeavesNoAccountUnread(t *testing.T) {
	h := start(t, company(100), everyAccount)
	ctx, asked := statement.With(context.Background())
	require.Len(t, h.rows(request{limit: 1, ctx: ctx}), 1)
	assert.Empty(t, asked.Unread())
}

// The embedded engine has to know of it: a scan that it widened may lack the row that says so.
func TestAnAccountWhoseErrorIsIgnoredIsUnreadAllTheSame(t *testing.T) {
	h := start(t, company(2), everyAccount, `ignore_error_codes = ["AccessDenied"]`)
	h.endpoint.Update(func(o *sample.Organization) { o.Account("account-02").Roles[0].Denied = true })
	ctx, asked := statement.With(context.Background())
	assert.Len(t, h.rows(request{ctx: ctx}), 3)
	assert.Equal(t, []statement.Unread{{Account: "100000000002"}}, asked.Unread())
}

// An account that was listed as in use, and let go of while its regions were asked.
func TestAnAccountThatIsClosedMidway(t *testing.T) {
	for what, kind := range map[string]sample.FaultKind{"its role is gone": sample.AccessDenied, "its sessions are": sample.ExpiredToken, "it is not served": sample.NotEnabled} {
		t.Run(what, func(t *testing.T) {
			h := start(t, company(3), everyAccount)
			h.endpoint.Inject(sample.Fault{Account: "100000000002", Kind: kind, After: 5})
			rows := h.rows(request{})
			assert.Len(t, by(rows, "account_id"), 4)
			for _, r := range rows {
				if r["account_id"] != "100000000002" {
					assert.Equal(t, "delivering", r["delivery_status"])
					continue
				}
				assert.Equal(t, "unknown", r["delivery_status"])
				assert.NotEmpty(t, r["unscanned_regions"])
				assert.NotEmpty(t, r["scan_error"])
			}
		})
	}
}

// A query with a LIMIT leaves the list where it is. When the next one goes on, AWS may no longer take the token.
func TestAListThatWasLeftForTooLong(t *testing.T) {
	var tooOld atomic.Bool
	h := startBehind(t, "left", company(400), func(w http.ResponseWriter, r *http.Request, serve func()) {
		if isCall(r, "ListAccounts") {
			body, _ := io.ReadAll(r.Body)
			r.Body = io.NopCloser(bytes.NewReader(body))
			if !bytes.Contains(body, []byte("NextToken")) {
				tooOld.Store(false)
			}
			if tooOld.Load() {
				answerJSON(w, http.StatusBadRequest, `{"__type":"InvalidInputException","Message":"You specified an invalid value for NextToken."}`)
				return
			}
		}
		serve()
	}, everyAccount, `regions = ["eu-west-1"]`)
	columns := []string{"account_id", "scan_error"}
	assert.Len(t, h.rows(request{columns: columns, limit: 1}), 1)
	tooOld.Store(true)
	rows := h.rows(request{columns: columns})
	assert.Len(t, by(rows, "account_id"), 401)
	assert.Len(t, rows, 401)
	for _, r := range rows {
		assert.Nil(t, r["scan_error"])
	}
	assert.False(t, tooOld.Load(), "the list was begun again")
}

// Whichever page comes first, an account that one of them lists as in use is asked.
func TestAnAccountThatIsClosedOnOnePageOnly(t *testing.T) {
	for _, states := range [][2]string{{"SUSPENDED", "ACTIVE"}, {"ACTIVE", "SUSPENDED"}} {
		var pages atomic.Int64
		h := startBehind(t, states[0], company(1), func(w http.ResponseWriter, r *http.Request, serve func()) {
			const page = `{"Accounts":[{"Id":"100000000000","Name":"m","State":"ACTIVE"},{"Id":"100000000001","Name":"x","State":%q}]%s}`
			switch {
			case !isCall(r, "ListAccounts"):
				serve()
			case pages.Add(1) == 1:
				answerJSON(w, http.StatusOK, fmt.Sprintf(page, states[0], `,"NextToken":"t"`))
			default:
				answerJSON(w, http.StatusOK, fmt.Sprintf(page, states[1], ""))
			}
		}, everyAccount)
		var statuses []any
		for _, r := range h.rows(request{where: map[string][]string{"account_id": {"100000000001"}}}) {
			statuses = append(statuses, r["delivery_status"])
		}
		for _, r := range h.rows(request{}) {
			if r["account_id"] == "100000000001" {
				statuses = append(statuses, r["delivery_status"])
			}
		}
		assert.Contains(t, statuses, "delivering", states)
	}
}
