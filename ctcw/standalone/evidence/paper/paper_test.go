package paper_test

import (
	"bytes"
	"context"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/ctcw/steampipe-plugin-ctcw/ctcw/mod"
	"github.com/ctcw/steampipe-plugin-ctcw/ctcw/sample"
	"github.com/ctcw/steampipe-plugin-ctcw/ctcw/standalone/check"
	"github.com/ctcw/steampipe-plugin-ctcw/ctcw/standalone/evidence"
	"github.com/ctcw/steampipe-plugin-ctcw/ctcw/standalone/evidence/paper"
	"github.com/ctcw/steampipe-plugin-ctcw/ctcw/standalone/evidence/timeline"
	"github.com/ctcw/steampipe-plugin-ctcw/ctcw/tests/days"
)

var ctx = context.Background()

// hostile is an account's name that no page may take for anything but text.
const hostile = `data <script>alert(1)</script> "&'`

var names = []string{"acme-management", "payments-prod", "storefront-prod", "hr-records", "finance-reporting", "log-archive", "mobile-backend", hostile}

// quarter is a file of daily runs from July to September, in which much happens.
func quarter(t *testing.T, path string) {
	t.Helper()
	org := sample.Large(len(names), 1, time.Now())
	for i, name := range names {
		org.Accounts[i].Name = name
		org.Accounts[i].Regions = []string{"eu-west-1", "us-east-1"} // fewer to ask
	}
	account := func(org *sample.Organization, n int) *sample.Account { return org.Accounts[n-1] }
	newcomer := org.Accounts[7]
	trails := newcomer.Trails
	newcomer.Trails = nil
	org.Accounts = org.Accounts[:7]
	org.Accounts[4].LogGroups[0].RetentionInDays = 90
	missing := org.Accounts[2].LogGroups
	o := days.Serve(t, org)
	o.Exempt("arn:aws:cloudtrail:*:100000000006:trail/*", "The SIEM reads this trail from S3 and alerts on it (SEC-1482)")
	on := map[string]func(*sample.Organization){
		"07-14": func(org *sample.Organization) { account(org, 2).Trails[0].Status.Logging = false },
		"07-23": func(org *sample.Organization) { account(org, 2).Trails[0].Status.Logging = true },
		"07-30": func(org *sample.Organization) { account(org, 5).LogGroups[0].RetentionInDays = 365 },
		"08-03": func(org *sample.Organization) { account(org, 3).LogGroups = nil },
		"08-06": func(org *sample.Organization) { account(org, 3).LogGroups = missing },
		"08-10": func(org *sample.Organization) { org.Accounts = append(org.Accounts, newcomer) },
		"08-13": func(org *sample.Organization) { account(org, 8).Trails = trails },
		"08-18": func(org *sample.Organization) { account(org, 4).Roles[0].Denied = true },
		"08-21": func(org *sample.Organization) { account(org, 4).Roles[0].Denied = false },
		"09-24": func(org *sample.Organization) { account(org, 7).Trails[0].Status.Logging = false },
	}
	for day := time.Date(2026, 7, 1, 5, 17, 0, 0, time.UTC); day.Month() < 10; day = day.AddDate(0, 0, 1) {
		if change := on[day.Format("01-02")]; change != nil {
			o.Server.Update(change)
		}
		if date := day.Format("01-02"); date != "09-05" && date != "09-06" {
			o.Append(path, day)
		}
	}
}

// report is of the quarter, judged once for all tests.
var report = sync.OnceValues(func() (*timeline.Report, error) { return build(quarterPath) })

var quarterPath string

func build(path string) (*timeline.Report, error) {
	file, err := evidence.OpenFile(ctx, path)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	m, err := mod.Load()
	if err != nil {
		return nil, err
	}
	plan, err := check.NewPlan(m, nil, nil)
	if err != nil {
		return nil, err
	}
	r, err := timeline.Build(ctx, file, plan, time.Date(2026, 7, 1, 0, 0, 0, 0, time.UTC), time.Date(2026, 9, 30, 0, 0, 0, 0, time.UTC))
	if err != nil {
		return nil, err
	}
	r.File, r.Chained = "evidence.db", true
	r.Broken, err = file.Verify(ctx)
	return r, err
}

// theReport returns the report of the quarter. CTCW_KEEP names a folder to keep its files in.
func theReport(t *testing.T) *timeline.Report {
	t.Helper()
	if quarterPath == "" {
		dir := os.Getenv("CTCW_KEEP")
		if dir == "" {
			var err error
			dir, err = os.MkdirTemp("", "ctcw-quarter")
			require.NoError(t, err)
		}
		quarterPath = filepath.Join(dir, "evidence.db")
		require.NoError(t, os.RemoveAll(quarterPath))
		quarter(t, quarterPath)
	}
	r, err := report()
	require.NoError(t, err)
	return r
}

func TestMain(m *testing.M) {
	code := m.Run()
	if os.Getenv("CTCW_KEEP") == "" && quarterPath != "" {
		os.RemoveAll(filepath.Dir(quarterPath))
	}
	os.Exit(code)
}

var made = paper.Made{At: time.Date(2026, 10, 1, 8, 0, 0, 0, time.UTC), Version: "1.2.3"}

func html(t *testing.T) string {
	t.Helper()
	var b bytes.Buffer
	require.NoError(t, paper.HTML(&b, theReport(t), made))
	return b.String()
}

func TestThePageNeedsNothingElse(t *testing.T) {
	page := html(t)
	for _, what := range []string{"<script", "<link", "<img", "@import", "url(", "http://", "https://", "<iframe", "onclick"} {
		assert.NotContains(t, strings.ToLower(page), what)
	}
	assert.NotContains(t, page, "ZgotmplZ", "the template's mark for what it refuses")
	if !strings.Contains(page, "&lt;script&gt;alert(1)") {
		assert.NotContains(t, page, "alert(1)")
	}
}

func TestThePageSaysWhatAnAuditorAsks(t *testing.T) {
	text := regexp.MustCompile(`\s+`).ReplaceAllString(regexp.MustCompile(`<[^>]*>`).ReplaceAllString(html(t), " "), " ")
	for _, want := range []string{
		"1 July 2026 to 30 September 2026", "90 runs", "87 of 92 days with a complete run", "hashes of all runs in the file hold",
		"2026-07-14 05:17", "in order 2026-07-13 05:17", "2026-07-23 05:17", "The trail is not logging", "account 100000000002", "not mended",
		"2026-09-05 to 2026-09-06 2 days no run Nobody looked.", "2026-08-18 to 2026-08-20 3 days no complete run Account 100000000004 could not be read:",
		"The SIEM reads this trail from S3 and alerts on it (SEC-1482)", "max_delivery_age_hours=24", "min_retention_days=365", "arn:aws:iam::100000000001:user/ctcw",
	} {
		assert.Contains(t, text, want)
	}
}

func TestJSON(t *testing.T) {
	var b bytes.Buffer
	require.NoError(t, paper.JSON(&b, theReport(t), made))
	var got struct {
		Intact *bool `json:"hashes_hold"`
		Days   []struct {
			Date     string
			Runs     int
			Complete int `json:"complete_runs"`
		}
		Gaps []struct {
			Account  string `json:"account_id"`
			Control  string
			From     time.Time
			Until    *time.Time
			LastGood *time.Time `json:"last_good"`
		}
		Accounts []struct {
			ID   string `json:"account_id"`
			Days map[string]int
		}
	}
	require.NoError(t, json.Unmarshal(b.Bytes(), &got))
	assert.True(t, *got.Intact)
	assert.Len(t, got.Days, 92)
	counts := map[string]map[string]int{}
	for _, a := range got.Accounts {
		counts[a.ID] = a.Days
	}
	assert.Equal(t, map[string]int{"good": 78, "alarm": 9, "incomplete": 3, "none": 2}, counts["100000000002"])
	var gaps []string
	for _, g := range got.Gaps {
		if g.Control == "cis_v200_3_4" {
			until := "open"
			if g.Until != nil {
				until = g.Until.Format("01-02")
			}
			gaps = append(gaps, g.Account[11:]+" "+g.From.Format("01-02")+" "+until)
		}
	}
	assert.Equal(t, []string{"2 07-14 07-23", "3 08-03 08-06", "8 08-10 08-13", "4 08-18 08-21", "7 09-24 open"}, gaps)
}

func TestCSV(t *testing.T) {
	var b bytes.Buffer
	require.NoError(t, paper.CSV(&b, theReport(t), made))
	records, err := csv.NewReader(&b).ReadAll()
	require.NoError(t, err)
	var held []string
	for _, r := range records[1:] {
		if r[0] == "100000000002" && r[3] == "cis_v200_3_4" {
			held = append(held, strings.Join(r[4:9], " "))
		}
	}
	assert.Equal(t, []string{
		"ok 2026-07-01T05:17:00Z 2026-07-14T05:17:00Z false 312.0",
		"alarm 2026-07-14T05:17:00Z 2026-07-23T05:17:00Z false 216.0",
		"ok 2026-07-23T05:17:00Z 2026-09-30T05:17:00Z true 1656.0",
	}, held)
}

func TestWhatASpreadsheetWouldRunIsEscaped(t *testing.T) {
	r := theReport(t)
	r.Accounts[0].Name = "=1+1"
	for escape, want := range map[bool]string{true: "'=1+1", false: "=1+1"} {
		var b bytes.Buffer
		require.NoError(t, paper.CSV(&b, r, paper.Made{EscapeFormulas: escape}))
		records, err := csv.NewReader(&b).ReadAll()
		require.NoError(t, err)
		assert.Equal(t, want, records[1][1])
	}
}

func TestForFile(t *testing.T) {
	for _, name := range []string{"a.html", "a.json", "a.csv"} {
		_, err := paper.ForFile(name)
		assert.NoError(t, err)
	}
	_, err := paper.ForFile("a.pdf")
	assert.EqualError(t, err, "a.pdf: the name of a report must end in .html, .json or .csv")
	assert.NotEmpty(t, fmt.Sprint(made))
}
