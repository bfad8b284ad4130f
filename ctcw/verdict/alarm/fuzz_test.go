package alarm_test

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/ctcw/steampipe-plugin-ctcw/ctcw/verdict/alarm"
)

// FuzzVerdict gives texts that AWS stores as they were written: nothing may break, and a verdict is still one.
func FuzzVerdict(f *testing.F) {
	f.Add(class.Pattern, `ALARM("changes-alarm") AND NOT ALARM(other)`, "SUM(METRICS()) + m1", `@aws.region IN ["a"]`)
	f.Add("{ $.eventName = *Trail }", `AT_LEAST(50%, NOT OK, (changes-alarm))`, `IF(FILL(m1,0)>-1.5e3,[m1,m2],1)`, `(@aws.account = "1")`)
	f.Add("", `ALARM("a\"b")`, `SELECT SUM(changes) FROM SCHEMA("CIS", a)`, `!`)
	f.Fuzz(func(t *testing.T, pattern, rule, expression, criteria string) {
		x := monitored(class)
		math(x, expression)
		composite(x, rule)
		x.group.Filters[0].Pattern, x.group.Filters[0].FieldSelectionCriteria = pattern, criteria
		x.Recording = alarm.NewRecording(x.selectors)
		x.Group = alarm.NewGroup(x.group, nil)
		v := alarm.Of(x.Facts, class)
		assert.Contains(t, alarm.Statuses, v.Status)
		assert.NotContains(t, v.Reason, "\n")
		assert.NotEmpty(t, v.Reason)
	})
}
