package alarm_test

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/ctcw/steampipe-plugin-ctcw/ctcw/verdict/alarm"
	"github.com/ctcw/steampipe-plugin-ctcw/ctcw/verdict/event"
)

// TestFieldSelectionCriteria: the log group is in account 123456789012 and eu-west-1, the calls of the class in
// us-east-1 and eu-central-1.
func TestFieldSelectionCriteria(t *testing.T) {
	for criteria, want := range map[string]alarm.Status{
		`@aws.account = "123456789012"`:                                alarm.Monitored,
		`@aws.account != "210987654321"`:                               alarm.Monitored,
		`@aws.account IN ["210987654321", "123456789012"]`:             alarm.Monitored,
		`@aws.account NOT IN ["210987654321"]`:                         alarm.Monitored,
		`@aws.account="123456789012" AND @aws.region != "ap-south-1"`:  alarm.Monitored,
		`(@aws.region = "x" OR @aws.account = "123456789012")`:         alarm.Monitored,
		`@aws.region = 'x' || @aws.account = '123456789012'`:           alarm.Monitored,
		`@aws.account = "210987654321"`:                                alarm.NoFilter,
		`@aws.account NOT IN ["123456789012"]`:                         alarm.NoFilter,
		`@aws.account = "123456789012" && @aws.region = "ap-south-1"`:  alarm.NoFilter,
		`@aws.region = "ap-south-1" OR @aws.account != "123456789012"`: alarm.NoFilter,
		`@aws.region = "eu-west-1"`:                                    alarm.Unknown, // the group's, not the events'
		`@aws.region IN ["us-east-1", "eu-central-1"]`:                 alarm.Unknown, // the events', not the group's
		`@aws.region IN ["us-east-1", "eu-central-1", "eu-west-1"]`:    alarm.Monitored,
		`@aws.region = "us-east-1"`:                                    alarm.FilterMissesEvents, // at best, half of them
		`@aws.region NOT IN ["eu-central-1"]`:                          alarm.Unknown,
		`@aws.zone = "a"`:                                              alarm.Unknown,
		`@aws.region == "eu-west-1"`:                                   alarm.Unknown,
		`@aws.region = eu-west-1`:                                      alarm.Unknown,
		`@aws.region IN "eu-west-1"`:                                   alarm.Unknown,
		`@aws.region IN ["eu-west-1"`:                                  alarm.Unknown,
		`@aws.region IN ["eu-west-1" "x"]`:                             alarm.Unknown,
		`(@aws.region = "eu-west-1"`:                                   alarm.Unknown,
		`@aws.region = "eu-west-1" @aws.account = "123456789012"`:      alarm.Unknown,
		`@aws.region LIKE "eu-*"`:                                      alarm.Unknown,
		`@aws.region = "eu-west-1`:                                     alarm.Unknown,
		`!`:                                                            alarm.Unknown,
	} {
		t.Run(criteria, func(t *testing.T) {
			f := monitored(class)
			f.group.Filters[0].FieldSelectionCriteria = criteria
			v := f.verdict(class)
			assert.Equal(t, want, v.Status, v.Reason)
			if want == alarm.Unknown {
				assert.Contains(t, v.Reason, "What filter changes matches is not known: its field selection criteria")
			}
			sound(t, v)
		})
	}
}

func TestFieldSelectionCriteriaOfAnOrganization(t *testing.T) {
	f := monitored(class)
	f.group.Organization = true
	f.group.Filters[0].FieldSelectionCriteria = `@aws.account = "123456789012"`
	assert.Equal(t, alarm.Unknown, f.verdict(class).Status, "events of other accounts come too")
	f.group.Filters[0].FieldSelectionCriteria = `@aws.account = "210987654321"`
	assert.Equal(t, alarm.NoFilter, f.verdict(class).Status)
	iam := event.ByName("iam_policy_changes")
	f = monitored(iam)
	f.group.Region = "us-east-1"
	f.group.Filters[0].FieldSelectionCriteria = `@aws.region = "us-east-1"`
	assert.Equal(t, alarm.Monitored, f.verdict(iam).Status, "a global service in the log group's own region")
}

func TestTransformedLogs(t *testing.T) {
	f := monitored(class)
	f.group.Filters[0].ApplyOnTransformedLogs = true
	v := f.verdict(class)
	assert.Equal(t, alarm.Unknown, v.Status)
	assert.Contains(t, v.Reason, "applied on transformed logs")
}

// TestPatternsThatNameAnAccount: the log group's own account stands for the events' account, unless the events of
// an organization arrive.
func TestPatternsThatNameAnAccount(t *testing.T) {
	only := func(c *event.Class, account string) string {
		return "{ ($.recipientAccountId = \"" + account + "\") && (" + c.Pattern[1:len(c.Pattern)-1] + ") }"
	}
	f := monitored(class)
	f.group.Filters[0].Pattern = only(class, account)
	assert.Equal(t, alarm.Monitored, f.verdict(class).Status)
	f.group.Organization = true
	assert.Equal(t, alarm.NoFilter, f.verdict(class).Status)

	f = monitored(class)
	f.group.Filters[0].Pattern = only(class, event.Account)
	assert.Equal(t, alarm.NoFilter, f.verdict(class).Status, "the account of our witnesses is not that of the log group")

	f = monitored(class)
	f.group.AccountID = event.Account
	f.group.Filters[0].Pattern = only(class, event.Account)
	assert.Equal(t, alarm.Monitored, f.verdict(class).Status)
	f.group.Organization = true
	assert.Equal(t, alarm.NoFilter, f.verdict(class).Status)
}
