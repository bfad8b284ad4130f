package ctcw_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/ctcw/steampipe-plugin-ctcw/ctcw/sample"
)

var regionColumns = []string{"delivery_status", "region_status", "failing_regions"}

func TestARegionThatFailsWhileTheHomeRegionIsFine(t *testing.T) {
	org := organization()
	main := org.Accounts[0]
	failing, stopped := sample.Healthy(now), sample.Healthy(now)
	failing.LatestCloudWatchLogsError = "AccessDenied"
	stopped.Logging = false
	main.Trails[0].RegionStatus = map[string]sample.Status{"us-east-2": failing, "ap-south-1": stopped}
	h := start(t, org)
	h.endpoint.Inject(sample.Fault{Action: getTrailStatus, Region: "sa-east-1", Kind: sample.AccessDenied})
	r := h.one(request{columns: regionColumns})

	assert.Equal(t, "delivering", r["delivery_status"], "which goes by the home region")
	assert.Equal(t, "ap-south-1, us-east-2", r["failing_regions"])
	regions := r["region_status"].(map[string]any)
	require.Len(t, regions, 17)
	delivered := now.Add(-3 * time.Minute).Format(time.RFC3339)
	assert.Equal(t, map[string]any{"is_logging": true, "latest_cloudwatch_logs_delivery_time": delivered, "latest_cloudwatch_logs_delivery_error": "AccessDenied"}, regions["us-east-2"])
	assert.Equal(t, map[string]any{"is_logging": false, "latest_cloudwatch_logs_delivery_time": delivered}, regions["ap-south-1"])
	denied := regions["sa-east-1"].(map[string]any)
	assert.Contains(t, denied["error"], "AccessDeniedException: ")
	assert.NotContains(t, denied, "is_logging", "what could not be read is not failing")
}

func TestATrailOfOneRegionIsAskedThere(t *testing.T) {
	org := organization()
	org.Accounts[0].Trails[0].MultiRegion = false
	h := start(t, org)
	r := h.one(request{columns: regionColumns})
	assert.Nil(t, r["failing_regions"])
	assert.Len(t, r["region_status"], 1)
	assert.Contains(t, r["region_status"], "eu-west-1")
	h.costs(map[string]int{getCallerIdentity: 1, describeRegions: 1, describeTrails: 17, getTrailStatus: 1, describeLogGroups: 1})
}

func TestAnOrganizationTrailsRegionsAreAskedOnceThroughItsOwner(t *testing.T) {
	org := company(5)
	organizationTrail(org)
	failing := sample.Healthy(now)
	failing.LatestCloudWatchLogsError = "AccessDenied"
	org.Accounts[0].Trails[0].RegionStatus = map[string]sample.Status{"ca-central-1": failing}
	for _, a := range org.Accounts[1:] {
		a.OrganizationTrailStatus = sample.StatusNotFound
	}
	h := start(t, org, everyAccount)
	rows := h.rows(request{columns: append([]string{"account_id", "account_name", "management_events", "event_selectors_error"}, regionColumns...)})
	require.Len(t, rows, 6)
	for id, r := range by(rows, "account_id") {
		assert.Equal(t, "ca-central-1", r["failing_regions"], id)
		assert.Len(t, r["region_status"], 17, id)
		assert.Equal(t, "All", r["management_events"], id)
		assert.Nil(t, r["event_selectors_error"], id)
		assert.Equal(t, org.Account(id).Name, r["account_name"])
	}
	h.costs(map[string]int{getCallerIdentity: 1, listAccounts: 1, assumeRole: 5, describeRegions: 6, describeTrails: 6 * 17,
		getTrailStatus: 17, describeLogGroups: 1, getEventSelectors: 1})
}

func TestRowsAboutAnAccountHaveNoRegionsAndNoSelectors(t *testing.T) {
	org := organization()
	org.Accounts[0].Trails = nil
	h := start(t, org)
	r := h.one(request{columns: append([]string{"management_events", "event_selectors_error"}, regionColumns...)})
	assert.Equal(t, row{"delivery_status": "no_trail", "management_events": nil, "event_selectors_error": nil, "region_status": nil, "failing_regions": nil},
		subset(r, row{"delivery_status": 0, "management_events": 0, "event_selectors_error": 0, "region_status": 0, "failing_regions": 0}))
	h.costs(map[string]int{getCallerIdentity: 1, describeRegions: 1, describeTrails: 17})
}

func TestManagementEventsOfBasicAndAdvancedSelectors(t *testing.T) {
	management := func(more ...sample.FieldSelector) []sample.AdvancedEventSelector {
		return []sample.AdvancedEventSelector{{FieldSelectors: append([]sample.FieldSelector{{Field: "eventCategory", Equals: []string{"Management"}}}, more...)}}
	}
	data := sample.AdvancedEventSelector{FieldSelectors: []sample.FieldSelector{
		{Field: "eventCategory", Equals: []string{"Data"}}, {Field: "resources.type", Equals: []string{"AWS::S3::Object"}}}}
	cases := []struct {
		name     string
		basic    []sample.EventSelector
		advanced []sample.AdvancedEventSelector
		want     string
	}{
		{"no selector of its own", nil, nil, "All"},
		{"all", []sample.EventSelector{{IncludeManagementEvents: true}}, nil, "All"},
		{"read only", []sample.EventSelector{{ReadWriteType: "ReadOnly", IncludeManagementEvents: true}}, nil, "ReadOnly"},
		{"write only", []sample.EventSelector{{ReadWriteType: "WriteOnly", IncludeManagementEvents: true}}, nil, "WriteOnly"},
		{"one for each half", []sample.EventSelector{{ReadWriteType: "WriteOnly", IncludeManagementEvents: true}, {ReadWriteType: "ReadOnly", IncludeManagementEvents: true}}, nil, "All"},
		{"data events only", []sample.EventSelector{{DataResources: []sample.DataResource{{Type: "AWS::S3::Object", Values: []string{"arn:aws:s3"}}}}}, nil, "None"},
		{"advanced, all", nil, management(), "All"},
		{"advanced, read only", nil, management(sample.FieldSelector{Field: "readOnly", Equals: []string{"true"}}), "ReadOnly"},
		{"advanced, write only", nil, management(sample.FieldSelector{Field: "readOnly", Equals: []string{"false"}}), "WriteOnly"},
		{"advanced, data events only", nil, []sample.AdvancedEventSelector{data}, "None"},
		{"advanced, management and data events", nil, append(management(), data), "All"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			org := organization()
			org.Accounts[0].Trails[0].EventSelectors, org.Accounts[0].Trails[0].AdvancedEventSelectors = c.basic, c.advanced
			h := start(t, org)
			assert.Equal(t, c.want, h.one(request{columns: []string{"management_events"}})["management_events"])
		})
	}
}

func TestGetEventSelectorsDenied(t *testing.T) {
	h := start(t, organization())
	h.endpoint.Inject(sample.Fault{Action: getEventSelectors, Kind: sample.AccessDenied})
	r := h.one(request{columns: []string{"delivery_status", "management_events", "event_selectors_error"}})
	assert.Equal(t, "delivering", r["delivery_status"])
	assert.Nil(t, r["management_events"])
	assert.Contains(t, r["event_selectors_error"], "AccessDeniedException: ")
}
