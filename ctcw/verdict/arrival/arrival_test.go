package arrival_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/ctcw/steampipe-plugin-ctcw/ctcw/verdict/arrival"
)

var now = time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)

func TestVerdicts(t *testing.T) {
	source := arrival.Source{AccountID: "111122223333", Region: "eu-west-1"}
	latest := func(age time.Duration) arrival.Arrivals {
		return arrival.Arrivals{Source: source, Streams: 2, LatestEvent: now.Add(-age)}
	}
	for name, c := range map[string]struct {
		facts  arrival.Facts
		status arrival.Status
		reason string
	}{
		"arriving":          {arrival.Facts{Arrivals: latest(5 * time.Minute)}, arrival.Arriving, "Events of account 111122223333 in region eu-west-1 arrive, the latest at 2026-11-21T11:55:00Z."},
		"24 hours":          {arrival.Facts{Arrivals: latest(24 * time.Hour)}, arrival.Arriving, "arrive"},
		"a second more":     {arrival.Facts{Arrivals: latest(24*time.Hour + time.Second)}, arrival.Quiet, "24 hours ago"},
		"nine days":         {arrival.Facts{Arrivals: latest(9 * 24 * time.Hour)}, arrival.Quiet, "9 days ago, at 2026-11-12T12:00:00Z."},
		"clocks differ":     {arrival.Facts{Arrivals: latest(-15 * time.Minute)}, arrival.Arriving, "arrive"},
		"in the future":     {arrival.Facts{Arrivals: latest(-16 * time.Minute)}, arrival.Unknown, "yet to come"},
		"streams, no event": {arrival.Facts{Arrivals: arrival.Arrivals{Source: source, Streams: 1}}, arrival.Empty, "hold no event"},
		"no stream":         {arrival.Facts{LogGroup: "g", Arrivals: arrival.Arrivals{Source: arrival.Source{AccountID: "111122223333"}}}, arrival.Empty, "Log group g has no stream of account 111122223333: its events never arrived."},
		"no such log group": {arrival.Facts{LogGroup: "g", Missing: true}, arrival.Empty, "Log group g does not exist."},
		"could not be read": {arrival.Facts{Error: "AccessDeniedException: no", Missing: true, Arrivals: latest(0)}, arrival.Unknown, "AccessDeniedException: no."},
	} {
		t.Run(name, func(t *testing.T) {
			c.facts.CheckedAt = now
			got := arrival.Of(c.facts)
			assert.Equal(t, c.status, got.Status)
			assert.Contains(t, got.Reason, c.reason)
		})
	}
}

func TestSourceOf(t *testing.T) {
	for name, want := range map[string]arrival.Source{
		"111122223333_CloudTrail_eu-west-1":                     {AccountID: "111122223333", Region: "eu-west-1"},
		"111122223333_CloudTrail_us-gov-west-1_12":              {AccountID: "111122223333", Region: "us-gov-west-1"},
		"o-abcdefghij_111122223333_CloudTrail_ap-southeast-2":   {AccountID: "111122223333", Region: "ap-southeast-2"},
		"o-abcdefghij_111122223333_CloudTrail_ap-southeast-2_3": {AccountID: "111122223333", Region: "ap-southeast-2"},
	} {
		got, ok := arrival.SourceOf(name)
		assert.True(t, ok, name)
		assert.Equal(t, want, got)
	}
	for _, name := range []string{"", "app", "1111_CloudTrail_eu-west-1", "111122223333_CloudTrail_", "111122223333_CloudTrail_eu", "x_111122223333_CloudTrail_eu-west-1",
		"111122223333_CloudTrail_eu-west-1_", "111122223333_cloudtrail_eu-west-1", "111122223333_CloudTrail_eu-west-1_2_3"} {
		_, ok := arrival.SourceOf(name)
		assert.False(t, ok, name)
	}
}

func TestSort(t *testing.T) {
	got, foreign := arrival.Sort([]arrival.Stream{
		{Name: "222222222222_CloudTrail_us-east-1", FirstEvent: now.Add(-9 * time.Hour), LatestEvent: now.Add(-8 * time.Hour), LatestIngestion: now.Add(-7 * time.Hour)},
		{Name: "an application's"},
		{Name: "o-abcdefghij_111111111111_CloudTrail_us-east-1"},
		{Name: "o-abcdefghij_222222222222_CloudTrail_us-east-1_2", FirstEvent: now.Add(-2 * time.Hour), LatestEvent: now, LatestIngestion: now},
	})
	assert.Equal(t, 1, foreign)
	assert.Equal(t, []arrival.Arrivals{
		{Source: arrival.Source{AccountID: "111111111111", Region: "us-east-1"}, Streams: 1},
		{Source: arrival.Source{AccountID: "222222222222", Region: "us-east-1"}, Streams: 2, FirstEvent: now.Add(-9 * time.Hour), LatestEvent: now, LatestIngestion: now},
	}, got)
}
