package ctcw_test

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"github.com/turbot/steampipe-plugin-sdk/v5/grpc/proto"

	"github.com/ctcw/steampipe-plugin-ctcw/ctcw/sample"
)

// one runs a query over all columns but tags that must give one row.
func (h *harness) one(r request) row {
	h.t.Helper()
	rows := h.rows(r)
	require.Len(h.t, rows, 1)
	return rows[0]
}

// subset keeps the columns that a test is about.
func subset(r row, like row) row {
	out := row{}
	for column := range like {
		out[column] = r[column]
	}
	return out
}

func TestFailureIsDataInTheRow(t *testing.T) {
	const denied = "AccessDeniedException"
	cases := []struct {
		name   string
		change func(*sample.Organization)
		faults []sample.Fault
		where  map[string][]string
		want   row
		errors map[string]string // column → what its text contains
	}{
		{
			name:   "no trail",
			change: func(o *sample.Organization) { o.Accounts[0].Trails = nil },
			want: row{"delivery_status": "no_trail", "account_id": "111111111111", "arn": nil, "name": nil, "region": nil, "title": "111111111111",
				"akas": []any{"arn:aws:::111111111111"}, "partition": "aws", "scan_error": nil, "unscanned_regions": nil, "is_logging": nil, "log_group_status": nil},
			errors: map[string]string{"remediation": "aws cloudtrail create-trail"},
		},
		{
			name:   "no trail, one region denied",
			change: func(o *sample.Organization) { o.Accounts[0].Trails = nil },
			faults: []sample.Fault{{Action: describeTrails, Region: "us-west-2", Kind: sample.AccessDenied}},
			want:   row{"delivery_status": "no_trail", "unscanned_regions": map[string]any{"us-west-2": denied}},
			errors: map[string]string{"scan_error": "(in us-west-2)", "status_reason": "Not scanned: us-west-2."},
		},
		{
			name:   "every region denied by a service control policy",
			faults: []sample.Fault{{Action: describeTrails, Kind: sample.SCPDenied}},
			want:   row{"delivery_status": "unknown", "account_id": "111111111111", "arn": nil, "remediation": nil},
			errors: map[string]string{"scan_error": "explicit deny in a service control policy", "status_reason": "No region of this account could be listed: " + denied},
		},
		{
			name:   "one region denied, the trail seen elsewhere",
			faults: []sample.Fault{{Action: describeTrails, Region: "us-west-2", Kind: sample.AccessDenied}},
			want:   row{"delivery_status": "delivering", "arn": trailARN, "unscanned_regions": map[string]any{"us-west-2": denied}},
			errors: map[string]string{"scan_error": denied + ": "},
		},
		{
			name:   "the home region denied: found and asked through a shadow",
			faults: []sample.Fault{{Region: "eu-west-1", Action: "cloudtrail:*", Kind: sample.SCPDenied}},
			want:   row{"delivery_status": "delivering", "arn": trailARN, "status_region": "ap-northeast-1", "trail_status_error": nil},
			errors: map[string]string{"status_reason": " That is what region ap-northeast-1 says: the home region, eu-west-1, could not be asked."},
		},
		{
			name:   "the home region denied, and the query asks for it",
			faults: []sample.Fault{{Region: "eu-west-1", Action: "cloudtrail:*", Kind: sample.SCPDenied}},
			where:  map[string][]string{"region": {"eu-west-1"}},
			want:   row{"delivery_status": "delivering", "arn": trailARN, "unscanned_regions": map[string]any{"eu-west-1": denied}},
		},
		{
			name:   "a region that the query asks for is denied, and nothing is seen elsewhere",
			change: func(o *sample.Organization) { o.Accounts[0].Trails[0].MultiRegion = false },
			faults: []sample.Fault{{Region: "eu-west-1", Action: "cloudtrail:*", Kind: sample.SCPDenied}},
			where:  map[string][]string{"region": {"eu-west-1"}},
			want:   row{"delivery_status": "unknown", "region": "eu-west-1", "arn": nil},
			errors: map[string]string{"status_reason": "No such trail is visible, but not every region could be listed"},
		},
		{
			name:   "a trail of the account that the query names by its ARN may be in a region that is denied",
			faults: []sample.Fault{{Region: "us-west-2", Action: describeTrails, Kind: sample.AccessDenied}},
			where:  map[string][]string{"arn": {"arn:aws:cloudtrail:us-west-2:111111111111:trail/elsewhere"}},
			want:   row{"delivery_status": "unknown", "arn": "arn:aws:cloudtrail:us-west-2:111111111111:trail/elsewhere", "name": nil, "region": nil},
		},
		{
			name:   "GetTrailStatus denied",
			faults: []sample.Fault{{Action: getTrailStatus, Kind: sample.AccessDenied}},
			want:   row{"delivery_status": "unknown", "is_logging": nil, "status_region": nil, "log_group_status": "found", "retention_in_days": int64(365)},
			errors: map[string]string{"trail_status_error": denied + ": ", "status_reason": "GetTrailStatus failed"},
		},
		{
			name:   "GetTrailStatus denied in the home region only",
			faults: []sample.Fault{{Action: getTrailStatus, Region: "eu-west-1", Kind: sample.AccessDenied}},
			want:   row{"delivery_status": "delivering", "status_region": "ap-northeast-1", "trail_status_error": nil},
			errors: map[string]string{"status_reason": " That is what region ap-northeast-1 says: the home region, eu-west-1, could not be asked."},
		},
		{
			name:   "DescribeLogGroups denied",
			faults: []sample.Fault{{Action: describeLogGroups, Kind: sample.AccessDenied}},
			want:   row{"delivery_status": "delivering", "log_group_status": "unknown", "retention_in_days": nil, "retention_never_expires": nil},
			errors: map[string]string{"log_group_error": denied + ": "},
		},
		{
			name: "log group deleted, one with a longer name is there",
			change: func(o *sample.Organization) {
				o.Accounts[0].LogGroups[0].Name = "trail-logs-2"
			},
			want:   row{"delivery_status": "log_group_missing", "log_group_status": "not_found", "log_group_error": nil, "retention_in_days": nil},
			errors: map[string]string{"remediation": "aws logs create-log-group --log-group-name trail-logs --region eu-west-1"},
		},
		{
			name: "log group of another account, one of the same name is here",
			change: func(o *sample.Organization) {
				o.Accounts[0].Trails[0].CloudWatchLogsLogGroupARN = o.LogGroupARN("999999999999", "eu-west-1", "trail-logs")
			},
			want: row{"delivery_status": "delivering", "log_group_status": "other_account", "log_group_account_id": "999999999999", "retention_in_days": nil, "log_group_error": nil},
		},
		{
			name: "log group of the same name in another region",
			change: func(o *sample.Organization) {
				o.Accounts[0].LogGroups[0].Region = "us-east-1"
			},
			want: row{"delivery_status": "log_group_missing", "log_group_status": "not_found"},
		},
		{
			name: "log group ''",
			change: func(o *sample.Organization) {
				o.Accounts[0].Trails[0].CloudWatchLogsLogGroupARN = ""
				o.Accounts[0].Trails[0].EmptyStrings = true
			},
			want: row{"delivery_status": "not_configured", "log_group_arn": nil, "log_group_status": nil, "kms_key_id": nil},
		},
		{
			name: "log group never expires",
			change: func(o *sample.Organization) {
				o.Accounts[0].LogGroups[0].RetentionInDays = 0
			},
			want: row{"delivery_status": "delivering", "log_group_status": "found", "retention_in_days": nil, "retention_never_expires": true},
		},
		{
			name: "a log group ARN that is none",
			change: func(o *sample.Organization) {
				o.Accounts[0].Trails[0].CloudWatchLogsLogGroupARN = "trail-logs"
			},
			want:   row{"delivery_status": "delivering", "log_group_status": "unknown", "log_group_name": nil},
			errors: map[string]string{"log_group_error": `"trail-logs" is not an ARN`},
		},
		{
			name:   "throttled for a while",
			faults: []sample.Fault{{Kind: sample.Throttled, Rate: 0.3, Seed: 1}},
			want:   row{"delivery_status": "delivering", "scan_error": nil, "unscanned_regions": nil},
		},
		{
			name:   "a region answers nonsense",
			faults: []sample.Fault{{Action: describeTrails, Region: "us-west-2", Kind: sample.WrongContentType}},
			want:   row{"delivery_status": "delivering", "unscanned_regions": map[string]any{"us-west-2": "InvalidResponse"}},
		},
		{
			name:   "a region answers nothing: that is not the same as no trail",
			change: func(o *sample.Organization) { o.Accounts[0].Trails = nil },
			faults: []sample.Fault{{Action: describeTrails, Kind: sample.EmptyBody}},
			want:   row{"delivery_status": "unknown"},
			errors: map[string]string{"scan_error": "InvalidResponse: "},
		},
		{
			name:   "DescribeLogGroups answers nothing: that is not the same as no log group",
			faults: []sample.Fault{{Action: describeLogGroups, Kind: sample.EmptyBody}},
			want:   row{"delivery_status": "delivering", "log_group_status": "unknown"},
			errors: map[string]string{"log_group_error": "InvalidResponse: "},
		},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			org := organization()
			if c.change != nil {
				c.change(org)
			}
			h := start(t, org)
			for _, f := range c.faults {
				h.endpoint.Inject(f)
			}
			got := h.one(request{where: c.where})
			assert.Equal(t, c.want, subset(got, c.want))
			for column, text := range c.errors {
				assert.Contains(t, got[column], text, column)
			}
		})
	}
}

// The status is from the home region, and what the trail delivers to is not: a replica may lag behind.
func TestAHomeRegionThatOnlyTheOwnerCanAsk(t *testing.T) {
	org := company(1)
	organizationTrail(org)
	h := start(t, org, everyAccount)
	h.endpoint.Inject(sample.Fault{Region: "eu-west-1", Account: "100000000001", Action: describeTrails, Kind: sample.ServerError})
	got := by(h.rows(request{}), "account_id")
	assert.Equal(t, "eu-west-1", got["100000000001"]["status_region"])
	assert.Contains(t, got["100000000001"]["status_reason"], " That is what region ap-northeast-1 says: the home region, eu-west-1, could not be asked.")
	assert.NotContains(t, got["100000000000"]["status_reason"], "That is what")
}

func TestDeniedDescribeRegionsFallsBackToThePartitionsRegions(t *testing.T) {
	h := start(t, organization())
	h.endpoint.Inject(sample.Fault{Action: describeRegions, Kind: sample.AccessDenied})
	got := h.one(request{})
	assert.Equal(t, "delivering", got["delivery_status"])
	assert.Equal(t, map[string]any{"any-newer-region": "UnauthorizedOperation"}, got["unscanned_regions"], "opt-in regions that are not enabled are no failure")
	assert.Equal(t, 17+17, h.endpoint.Calls().Of(describeTrails), "17 standard and 17 opt-in regions")
}

func TestAnOptInRegionThatIsEnabledIsScanned(t *testing.T) {
	for _, kind := range []sample.FaultKind{0, sample.AccessDenied} {
		org := organization()
		org.Accounts[0].Regions = append(sample.DefaultRegions("aws"), "eu-south-1")
		org.Accounts[0].Trails[0].HomeRegion = "eu-south-1"
		org.Accounts[0].Trails[0].MultiRegion = false
		h := start(t, org)
		if kind != 0 {
			h.endpoint.Inject(sample.Fault{Action: describeRegions, Kind: kind})
		}
		assert.Equal(t, "eu-south-1", h.one(request{})["region"])
	}
}

func TestIgnoredErrorsAreNotReportedButStayUnknown(t *testing.T) {
	h := start(t, organization(), `ignore_error_codes = ["AccessDeniedException"]`)
	h.endpoint.Inject(sample.Fault{Action: getTrailStatus, Kind: sample.AccessDenied})
	h.endpoint.Inject(sample.Fault{Action: describeTrails, Region: "us-*", Kind: sample.AccessDenied})
	got := h.one(request{})
	assert.Equal(t, "unknown", got["delivery_status"])
	assert.Nil(t, got["trail_status_error"])
	assert.Nil(t, got["scan_error"])
	assert.Len(t, got["unscanned_regions"], 4)
}

// The verdict on an account that could not be read is unknown, whatever its rows report.
func TestAnAccountOfWhichErrorsAreIgnoredStaysUnknown(t *testing.T) {
	for name, fault := range map[string]sample.Fault{
		"role":    {Action: assumeRole, Kind: sample.AccessDenied},
		"regions": {Action: describeRegions, Kind: sample.ServerError},
		"trails":  {Action: describeTrails, Kind: sample.AccessDenied},
	} {
		t.Run(name, func(t *testing.T) {
			org := company(1)
			org.Accounts[1].Trails = nil
			h := start(t, org, everyAccount, `ignore_error_codes = ["AccessDenied", "AccessDeniedException", "InternalFailure", "InternalError"]`)
			h.endpoint.Inject(fault)
			for table, verdict := range map[string]string{table: "delivery_status", alarmTable: "alarm_status", arrivalTable: "arrival_status"} {
				rows := h.rows(request{table: table, where: map[string][]string{"account_id": {org.Accounts[1].ID}}})
				assert.NotEmpty(t, rows, table)
				for _, r := range rows {
					assert.Equal(t, "unknown", r[verdict], table)
					assert.Nil(t, r["scan_error"], table)
				}
			}
		})
	}
	t.Run("one region", func(t *testing.T) {
		org := organization()
		org.Accounts[0].Trails = nil
		h := start(t, org, `ignore_error_codes = ["AccessDeniedException"]`)
		h.endpoint.Inject(sample.Fault{Action: describeTrails, Region: "us-west-2", Kind: sample.AccessDenied})
		r := h.one(request{table: arrivalTable})
		assert.Equal(t, "unknown", r["arrival_status"], "a trail there may bring events")
		assert.Contains(t, r["status_reason"], "AccessDeniedException")
	})
}

func TestTagsThatCannotBeReadSayWhy(t *testing.T) {
	h := start(t, organization())
	h.endpoint.Inject(sample.Fault{Action: listTags, Kind: sample.AccessDenied})
	got := h.one(request{columns: []string{"tags", "tags_error"}})
	assert.Nil(t, got["tags"])
	assert.Contains(t, got["tags_error"], "AccessDeniedException")
}

func TestOrganizationTrailFromAMember(t *testing.T) {
	organizationTrail := func(status sample.OrganizationTrailStatus) *harness {
		org := organization()
		org.Accounts[0].Trails[0].Organization = true
		member := account("222222222222", "member")
		member.OrganizationTrailStatus = status
		// The trap: a group of the same name as the owner's.
		member.LogGroups = []*sample.LogGroup{{Name: "trail-logs", Region: "eu-west-1", RetentionInDays: 1}}
		org.Accounts = append(org.Accounts, member)
		return start(t, org)
	}
	t.Run("readable", func(t *testing.T) {
		h := organizationTrail(sample.StatusReadable)
		want := row{"arn": trailARN, "account_id": "222222222222", "trail_account_id": "111111111111", "delivery_status": "delivering",
			"log_group_status": "other_account", "retention_in_days": nil, "tags": nil, "is_organization_trail": true}
		assert.Equal(t, want, subset(h.one(request{connections: []string{"member"}, columns: append(h.columns(), "tags")}), want))
		h.costs(map[string]int{getCallerIdentity: 1, describeRegions: 1, describeTrails: 17, getTrailStatus: 1})
	})
	for name, status := range map[string]sample.OrganizationTrailStatus{
		"TrailNotFoundException": sample.StatusNotFound, "CloudTrailARNInvalidException": sample.StatusForeignARN, "AccessDeniedException": sample.StatusDenied,
	} {
		t.Run(name, func(t *testing.T) {
			got := organizationTrail(status).one(request{connections: []string{"member"}})
			assert.Equal(t, "unknown", got["delivery_status"])
			assert.Contains(t, got["trail_status_error"], name)
			assert.Contains(t, got["status_reason"], "belongs to account 111111111111")
			assert.Nil(t, got["remediation"])
		})
	}
}

func TestOtherPartitions(t *testing.T) {
	for partition, region := range map[string]string{"aws-us-gov": "us-gov-west-1", "aws-cn": "cn-north-1"} {
		t.Run(partition, func(t *testing.T) {
			org := &sample.Organization{Partition: partition}
			a := account("111111111111", "main")
			a.LogGroups = []*sample.LogGroup{{Name: "g", Region: region}}
			a.Trails = []*sample.Trail{{Name: "trail", HomeRegion: region, CloudWatchLogsLogGroupARN: org.LogGroupARN(a.ID, region, "g"), Status: sample.Healthy(now)}}
			org.Accounts = []*sample.Account{a}
			h := start(t, org, `regions = ["`+strings.TrimSuffix(region, "-1")+`*"]`)
			want := row{"delivery_status": "delivering", "partition": partition, "region": region, "log_group_status": "found", "log_group_region": region}
			assert.Equal(t, want, subset(h.one(request{}), want))
		})
	}
}

func TestAnAggregatorOverThreeAccountsOfWhichOneIsDenied(t *testing.T) {
	org := organization()
	denied := account("222222222222", "denied")
	denied.Denied = []sample.Denial{{Action: "cloudtrail:*", SCP: true}}
	bare := account("333333333333", "bare")
	org.Accounts = append(org.Accounts, denied, bare)
	h := start(t, org)
	rows := h.rows(request{connections: []string{"main", "denied", "bare"}, columns: []string{"account_id", "delivery_status"}})
	got := map[any]any{}
	for _, r := range rows {
		got[r["account_id"]] = r["delivery_status"]
	}
	assert.Equal(t, map[any]any{"111111111111": "delivering", "222222222222": "unknown", "333333333333": "no_trail"}, got)
}

func TestAConnectionWithoutAWorkingIdentityFailsTheQuery(t *testing.T) {
	org := organization()
	cases := []struct {
		name   string
		config func(h *harness) string
		fault  sample.Fault
		want   []string
	}{
		{"no credentials", func(h *harness) string { return `endpoint_url = "` + h.endpoint.URL() + `"` }, sample.Fault{},
			[]string{`connection "bad": found no AWS credentials`, `aws sts get-caller-identity`}},
		{"a profile that does not exist", func(h *harness) string { return `profile = "audit"` }, sample.Fault{},
			[]string{`connection "bad": profile "audit" is not in the AWS config and credentials files`}},
		{"wrong keys", func(h *harness) string {
			return "access_key = \"AKIAWRONG\"\nsecret_key = \"x\"\nendpoint_url = \"" + h.endpoint.URL() + `"`
		}, sample.Fault{}, []string{`connection "bad": AWS refuses the credentials (InvalidClientTokenId`, "check access_key"}},
		{"expired", func(h *harness) string { return h.config(org.Accounts[0]) }, sample.Fault{Kind: sample.ExpiredToken},
			[]string{`connection "bad": the AWS credentials have expired`}},
		{"half a key", func(h *harness) string { return `access_key = "AKIA"` }, sample.Fault{},
			[]string{`connection "bad": access_key and secret_key go together`}},
		{"a region that does not exist", func(h *harness) string { return h.config(org.Accounts[0], `regions = ["eu-wst-1"]`) }, sample.Fault{},
			[]string{`connection "bad": regions: "eu-wst-1" matches no region of partition aws (did you mean "eu-west-1"?)`}},
		{"an endpoint that refuses", func(h *harness) string {
			return "access_key = \"AKIA\"\nsecret_key = \"x\"\nendpoint_url = \"http://127.0.0.1:1\""
		}, sample.Fault{}, []string{`connection "bad": cannot ask AWS STS at http://127.0.0.1:1`, "connection refused", "check the network"}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			h := start(t, org)
			h.configure(&proto.ConnectionConfig{Connection: "bad", Config: c.config(h)})
			if c.fault.Kind != 0 {
				h.endpoint.Inject(c.fault)
			}
			began := time.Now()
			rows, err := h.execute(request{connections: []string{"bad"}})
			assert.Empty(t, rows)
			require.Error(t, err)
			for _, want := range c.want {
				assert.Contains(t, err.Error(), want)
			}
			assert.NotContains(t, strings.TrimSpace(err.Error()), "\n")
			assert.Less(t, time.Since(began), 10*time.Second)
		})
	}
}

func TestCredentialsThatExpireWhileTheIdentityIsBelieved(t *testing.T) {
	h := start(t, organization())
	h.rows(request{})
	h.endpoint.Inject(sample.Fault{Kind: sample.ExpiredToken})
	_, err := h.execute(request{})
	assert.ErrorContains(t, err, `connection "main": the AWS credentials have expired`)
}

// The SDK loses an error that comes after rows, and the rows that are not sent yet.
func TestCredentialsThatExpireAfterTheFirstRows(t *testing.T) {
	for range 8 {
		h := start(t, company(24), everyAccount, `regions = ["eu-west-1"]`)
		h.rows(request{})
		h.endpoint.Inject(sample.Fault{Account: "100000000000", Kind: sample.ExpiredToken, Delay: 30 * time.Millisecond})
		rows, err := h.execute(request{onRow: func() { time.Sleep(5 * time.Millisecond) }})
		if err != nil {
			assert.ErrorContains(t, err, "the AWS credentials have expired")
			assert.Empty(t, rows)
			continue
		}
		of := by(rows, "account_id")
		require.Equal(t, 25, len(of))
		assert.Equal(t, "unknown", of["100000000000"]["delivery_status"])
		assert.Contains(t, of["100000000000"]["scan_error"], "ExpiredToken")
	}
}

func TestAChangedConnectionIsOpenedAnew(t *testing.T) {
	org := organization()
	org.Accounts = append(org.Accounts, account("222222222222", "other"))
	h := start(t, org)
	assert.Equal(t, "111111111111", h.one(request{})["account_id"])
	_, err := h.plugin.UpdateConnectionConfigs(&proto.UpdateConnectionConfigsRequest{
		Changed: []*proto.ConnectionConfig{{Connection: "main", Config: h.config(org.Accounts[1])}},
	})
	require.NoError(t, err)
	assert.Equal(t, "222222222222", h.one(request{})["account_id"])
}

func TestRegionsThatTheConnectionLeavesOutAreNamed(t *testing.T) {
	org := organization()
	org.Accounts[0].Trails[0].MultiRegion = false
	got := start(t, org, `regions = ["us-*"]`).one(request{})
	assert.Equal(t, "no_trail", got["delivery_status"])
	assert.Contains(t, got["status_reason"], "Not scanned: ap-northeast-1, ")
	assert.Contains(t, got["status_reason"], "eu-west-1")
	assert.Len(t, got["unscanned_regions"], 13)
	assert.Equal(t, "NotSelected", got["unscanned_regions"].(map[string]any)["eu-west-1"])
	assert.Nil(t, got["scan_error"], "that is no error")
}

func TestAnExemptTrailHasNothingToMend(t *testing.T) {
	org := organization()
	org.Accounts[0].Trails[0].CloudWatchLogsLogGroupARN = ""
	got := start(t, org, `exempt = { "*" = "goes to the SIEM" }`).one(request{})
	assert.Equal(t, "not_configured", got["delivery_status"])
	assert.Nil(t, got["remediation"])
}

func TestAnExemptionThatCannotBeMeantIsRefused(t *testing.T) {
	for exempt, want := range map[string]string{
		`{ "111122223333" = "a reason" }`:            `exempt: "111122223333" is no pattern of a trail's ARN`,
		`{ "arn:aws:::111122223333" = "reason" }`:    "accounts are left out with skip_accounts",
		`{ "arn:aws:cloudtrail:*:*:trail/x" = " " }`: `exempt: "arn:aws:cloudtrail:*:*:trail/x" has no reason`,
	} {
		h := start(t, organization(), "exempt = "+exempt)
		_, err := h.execute(request{})
		assert.ErrorContains(t, err, want)
	}
}

func TestRetriesThatAreNoneAreRefused(t *testing.T) {
	h := start(t, organization())
	for argument, want := range map[string]string{
		"max_error_retry_attempts = 0": "max_error_retry_attempts is 0: it must be at least 1",
		"min_error_retry_delay = -5":   "min_error_retry_delay is -5: it must be at least 1 (milliseconds)",
	} {
		h.configure(&proto.ConnectionConfig{Connection: "main", Config: argument + "\n"})
		_, err := h.execute(request{})
		assert.ErrorContains(t, err, want)
	}
}
