package ctcw_test

import (
	"context"
	"path"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/ctcw/steampipe-plugin-ctcw/ctcw/sample"
)

// threeTrails adds to the organization's multi-region trail in eu-west-1 two single-region trails of one
// name in two regions, which share a log group name.
func threeTrails() *sample.Organization {
	org := organization()
	main := org.Accounts[0]
	for _, region := range []string{"us-east-1", "ap-south-1"} {
		main.LogGroups = append(main.LogGroups, &sample.LogGroup{Name: "local", Region: region, RetentionInDays: 30})
		main.Trails = append(main.Trails, &sample.Trail{
			Name: "local", HomeRegion: region, S3BucketName: "bucket",
			CloudWatchLogsLogGroupARN: org.LogGroupARN(main.ID, region, "local"), Status: sample.Healthy(now),
		})
	}
	return org
}

func values(rows []row, column string) []string {
	var all []string
	for _, r := range rows {
		s, _ := r[column].(string)
		all = append(all, s)
	}
	slices.Sort(all)
	return all
}

func TestKeyColumns(t *testing.T) {
	const localARN = "arn:aws:cloudtrail:us-east-1:111111111111:trail/local"
	cases := []struct {
		name   string
		where  map[string][]string
		arns   []string
		trails int // DescribeTrails
		status int // GetTrailStatus
	}{
		{"none", nil, []string{"arn:aws:cloudtrail:ap-south-1:111111111111:trail/local", trailARN, localARN}, 17, 3},
		{"region", map[string][]string{"region": {"eu-west-1"}}, []string{trailARN}, 1, 1},
		{"region in", map[string][]string{"region": {"eu-west-1", "us-east-1"}}, []string{trailARN, localARN}, 2, 2},
		{"home_region", map[string][]string{"home_region": {"us-east-1"}}, []string{localARN}, 1, 1},
		{"region and home_region disagree", map[string][]string{"region": {"us-east-1"}, "home_region": {"eu-west-1"}}, nil, 17, 0},
		{"region without a trail of its own", map[string][]string{"region": {"sa-east-1"}}, nil, 1, 0},
		{"region that does not exist", map[string][]string{"region": {"mars-1"}}, nil, 17, 0},
		{"arn", map[string][]string{"arn": {localARN}}, []string{localARN}, 1, 1},
		{"arn in", map[string][]string{"arn": {localARN, trailARN}}, []string{trailARN, localARN}, 2, 2},
		{"arn that is none", map[string][]string{"arn": {"local"}}, nil, 17, 0},
		{"name", map[string][]string{"name": {"local"}}, []string{"arn:aws:cloudtrail:ap-south-1:111111111111:trail/local", localARN}, 17, 2},
		{"name in", map[string][]string{"name": {"trail", "other"}}, []string{trailARN}, 17, 1},
		{"two lists", map[string][]string{"name": {"local", "trail"}, "region": {"us-east-1", "eu-west-1"}}, []string{trailARN, localARN}, 2, 2},
		{"account_id", map[string][]string{"account_id": {"111111111111"}}, []string{"arn:aws:cloudtrail:ap-south-1:111111111111:trail/local", trailARN, localARN}, 17, 3},
		{"another account_id", map[string][]string{"account_id": {"222222222222"}}, nil, 0, 0},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			h := start(t, threeTrails())
			rows := h.rows(request{columns: []string{"arn", "is_logging"}, where: c.where})
			assert.Equal(t, c.arns, values(rows, "arn"))
			h.costs(map[string]int{getCallerIdentity: 1, describeRegions: 1, describeTrails: c.trails, getTrailStatus: c.status})
		})
	}
}

// TestTwoLists: the SDK asks for each value of one "in", and once with the lists of two. The same rows come out.
func TestTwoLists(t *testing.T) {
	arn := func(account, region string) string {
		return "arn:aws:cloudtrail:" + region + ":10000000000" + account + ":trail/own"
	}
	org := company(3)
	org.Accounts[3].Trails[0].MultiRegion = false
	h := start(t, org, everyAccount)
	h.endpoint.Update(func(o *sample.Organization) { o.Account("account-02").Roles[0].Denied = true })
	h.endpoint.Inject(sample.Fault{Action: describeTrails, Account: "100000000003", Region: "us-east-1", Kind: sample.AccessDenied})
	accounts := []string{"100000000000", "100000000001", "100000000002", "100000000003"}
	arns := []string{arn("1", "eu-west-1"), arn("2", "eu-west-1"), arn("2", "us-east-1"), arn("3", "eu-west-1"), arn("3", "us-east-1"), arn("3", "us-west-2")}
	regions := []string{"eu-west-1", "us-east-1"}
	for _, c := range []struct {
		where map[string][]string
		want  []string // the account's last digit, and the region
	}{
		{map[string][]string{"arn": arns}, []string{"1 eu-west-1", "2 eu-west-1", "2 us-east-1", "3 eu-west-1", "3 us-east-1"}},
		{map[string][]string{"arn": arns, "account_id": accounts}, []string{"1 eu-west-1", "2 eu-west-1", "2 us-east-1", "3 eu-west-1", "3 us-east-1"}},
		{map[string][]string{"arn": arns, "account_id": accounts[:3]}, []string{"1 eu-west-1", "2 eu-west-1", "2 us-east-1"}},
		{map[string][]string{"arn": arns, "home_region": regions}, []string{"1 eu-west-1", "2 eu-west-1", "2 us-east-1", "3 eu-west-1", "3 us-east-1"}},
		{map[string][]string{"arn": arns, "region": {"us-east-1", "us-west-2"}}, []string{"2 us-east-1", "3 us-east-1"}},
		{map[string][]string{"arn": arns[1:2], "region": {"us-east-1"}}, nil},
		{map[string][]string{"arn": arns, "name": {"own", "other"}}, []string{"1 eu-west-1", "3 eu-west-1"}},
		{map[string][]string{"region": regions, "account_id": accounts[1:]}, []string{"1 eu-west-1", "2 eu-west-1", "2 us-east-1", "3 eu-west-1", "3 us-east-1"}},
		{map[string][]string{"region": regions, "home_region": regions}, []string{"0 eu-west-1", "1 eu-west-1", "2 eu-west-1", "2 us-east-1", "3 eu-west-1", "3 us-east-1"}},
	} {
		var got []string
		for _, r := range h.rows(request{columns: []string{"account_id", "arn", "region", "delivery_status"}, where: c.where}) {
			found, _ := r["region"].(string)
			if sought, ok := r["arn"].(string); ok && found == "" {
				found = strings.Split(sought, ":")[3]
			}
			got = append(got, r["account_id"].(string)[11:]+" "+found)
			assert.Equal(t, got[len(got)-1][2:] == "us-east-1" || r["account_id"] == accounts[2], r["delivery_status"] == "unknown", r)
		}
		slices.Sort(got)
		assert.Equal(t, c.want, got, c.where)
	}
}

// An organization's trail that a member shows is found there; whoever asks for its owner hears that it could not be read.
func TestTwoListsOverATrailOfAnUnreadableOwner(t *testing.T) {
	org := company(2)
	organizationTrail(org)
	h := start(t, org, everyAccount)
	h.endpoint.Inject(sample.Fault{Action: describeTrails, Account: "100000000000", Kind: sample.AccessDenied})
	arns := map[string]string{"own": org.TrailARN("100000000000", "eu-west-1", "own"), "other": org.TrailARN("100000000000", "us-east-1", "other")}
	both := []string{arns["own"], arns["other"]}
	of := func(where map[string][]string) (all []string) {
		for _, r := range h.rows(request{columns: []string{"account_id", "arn"}, where: where}) {
			all = append(all, r["account_id"].(string)+" "+path.Base(r["arn"].(string)))
		}
		slices.Sort(all)
		return all
	}
	want := []string{"100000000000 other", "100000000001 own", "100000000002 own"}
	assert.Equal(t, want, of(map[string][]string{"arn": both}))
	assert.Equal(t, want, of(map[string][]string{"arn": both, "home_region": {"eu-west-1", "us-east-1"}}))
	want = []string{"100000000000 other", "100000000000 own", "100000000001 own"}
	assert.Equal(t, want, of(map[string][]string{"arn": both, "account_id": {"100000000000", "100000000001"}}))
	for _, one := range want {
		account, name, _ := strings.Cut(one, " ")
		assert.Equal(t, []string{one}, of(map[string][]string{"arn": {arns[name]}, "account_id": {account}}), "as the SDK asks where one list has one value")
	}
}

// A filter must not change which trails are found: a multi-region trail is seen through its shadow when
// the connection does not scan its home region, filter or not.
func TestATrailWhoseHomeRegionIsNotScannedIsFoundThroughItsShadow(t *testing.T) {
	for _, where := range []map[string][]string{nil, {"arn": {trailARN}}, {"region": {"eu-west-1"}}} {
		h := start(t, organization(), `regions = ["us-east-1", "us-west-2"]`)
		rows := h.rows(request{columns: []string{"arn", "region", "status_region", "delivery_status"}, where: where})
		assert.Equal(t, []string{trailARN}, values(rows, "arn"), "%v", where)
		assert.Equal(t, []string{"delivering"}, values(rows, "delivery_status"))
		assert.Equal(t, []string{"eu-west-1"}, values(rows, "status_region"), "the home region is the authority on the status")
	}
}

func TestLimitStopsFurtherCalls(t *testing.T) {
	h := start(t, threeTrails())
	rows := h.rows(request{columns: []string{"arn", "is_logging"}, limit: 1})
	assert.Len(t, rows, 1)
	assert.Equal(t, 1, h.endpoint.Calls().Of(getTrailStatus))
}

func TestALogGroupThatTrailsShareIsAskedOnce(t *testing.T) {
	org := organization()
	main := org.Accounts[0]
	for _, name := range []string{"second", "third"} {
		twin := *main.Trails[0]
		twin.Name = name
		main.Trails = append(main.Trails, &twin)
	}
	h := start(t, org)
	rows := h.rows(request{columns: []string{"arn", "retention_in_days", "delivery_status"},
		where: map[string][]string{"name": {"trail", "second", "third"}}})
	require.Len(t, rows, 3)
	h.costs(map[string]int{getCallerIdentity: 1, describeRegions: 1, describeTrails: 17, getTrailStatus: 3, describeLogGroups: 1})
}

func TestACancelledQueryEndsAndAsksNoMore(t *testing.T) {
	h := start(t, threeTrails())
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	h.endpoint.Inject(sample.Fault{Action: getTrailStatus, Kind: sample.Hang})
	done := make(chan error, 1)
	go func() {
		_, err := h.execute(request{ctx: ctx})
		done <- err
	}()
	require.Eventually(t, func() bool { return h.endpoint.Calls().Of(getTrailStatus) == 3 }, 10*time.Second, time.Millisecond)
	cancel()
	select {
	case <-done:
	case <-time.After(5 * time.Second):
		t.Fatal("the query did not end")
	}
	calls := h.endpoint.Calls().Total()
	time.Sleep(100 * time.Millisecond)
	assert.Equal(t, calls, h.endpoint.Calls().Total())
}
