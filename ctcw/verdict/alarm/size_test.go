package alarm_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/ctcw/steampipe-plugin-ctcw/ctcw/verdict/alarm"
	"github.com/ctcw/steampipe-plugin-ctcw/ctcw/verdict/event"
)

// landscape is a log group with a filter and an alarm for each class, and as many others.
func landscape(others int) *facts {
	f := monitored(class)
	f.group.Filters, f.group.MetricAlarms = nil, nil
	for _, c := range event.Classes() {
		f.group.Filters = append(f.group.Filters, filter(c.Name, c.Pattern))
		f.group.MetricAlarms = append(f.group.MetricAlarms, watching(c.Name))
	}
	for i := range others {
		name := fmt.Sprintf("other-%d", i)
		f.group.Filters = append(f.group.Filters, filter(name, fmt.Sprintf("{ $.eventName = Other%d }", i)))
		f.group.MetricAlarms = append(f.group.MetricAlarms, watching(name))
	}
	return f
}

// TestManyRowsShareAGroup: rows may be judged at the same time, and the same facts give the same verdicts.
func TestManyRowsShareAGroup(t *testing.T) {
	f := landscape(5)
	f.Trail.OwnerAccountID = account
	f.Recording, f.Group = alarm.NewRecording(f.selectors), alarm.NewGroup(f.group, nil)
	var all sync.WaitGroup
	for i := range 50 {
		all.Go(func() {
			row := f.Facts
			row.AccountID = fmt.Sprintf("%012d", i)
			for _, c := range event.Classes() {
				assert.Equal(t, alarm.Monitored, alarm.Of(row, c).Status, c.Name)
			}
		})
	}
	all.Wait()
}

func TestChainsAsJSON(t *testing.T) {
	v := monitored(class).verdict(class)
	text, err := json.Marshal(v.Chains)
	assert.NoError(t, err)
	assert.True(t, strings.HasPrefix(string(text), `[{"status":"monitored","events":["CreateTrail",`), string(text))
	assert.Contains(t, string(text), `"alarm_fires_on_first_event":true`)
	assert.Contains(t, string(text), `"subscriptions_confirmed":2,"subscriptions_pending":0}`)
}

// TestLargeAccount: a hundred filters, which is AWS's limit, and thousands of alarms that have nothing to do with it.
func TestLargeAccount(t *testing.T) {
	f := landscape(85)
	for i := range 5000 {
		a := watching(fmt.Sprintf("unrelated-%d", i))
		f.group.MetricAlarms = append(f.group.MetricAlarms, a)
		f.group.Composites = append(f.group.Composites, alarm.CompositeAlarm{Name: fmt.Sprintf("c-%d", i), Rule: "ALARM(" + a.Name + ")", ActionsEnabled: true})
	}
	f.Recording, f.Group = alarm.NewRecording(f.selectors), alarm.NewGroup(f.group, nil)
	for _, c := range event.Classes() {
		assert.Equal(t, alarm.Monitored, alarm.Of(f.Facts, c).Status)
	}
}

// BenchmarkNewGroup is an account's first: all its patterns are new.
func BenchmarkNewGroup(b *testing.B) {
	f := landscape(15)
	for b.Loop() {
		g := alarm.NewGroup(f.group, nil)
		judge(f, g)
	}
}

// BenchmarkNewGroupAlike is one of many accounts that were set up alike.
func BenchmarkNewGroupAlike(b *testing.B) {
	f := landscape(15)
	patterns := &alarm.Patterns{}
	for b.Loop() {
		g := alarm.NewGroup(f.group, patterns)
		judge(f, g)
	}
}

// BenchmarkRows is a member account of an organization: fifteen rows on a group that is there.
func BenchmarkRows(b *testing.B) {
	f := landscape(15)
	g := alarm.NewGroup(f.group, nil)
	f.Recording = alarm.NewRecording(f.selectors)
	for b.Loop() {
		judge(f, g)
	}
}

func judge(f *facts, g *alarm.Group) {
	row := f.Facts
	row.Group = g
	for _, c := range event.Classes() {
		alarm.Of(row, c)
	}
}
