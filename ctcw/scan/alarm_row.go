package scan

import (
	"cmp"
	"context"
	"sync"

	"github.com/aws/aws-sdk-go-v2/aws"

	"github.com/ctcw/steampipe-plugin-ctcw/ctcw/verdict/alarm"
	"github.com/ctcw/steampipe-plugin-ctcw/ctcw/verdict/event"
)

// AlarmRow is one trail as one account sees it, or the account itself, and one class of events.
type AlarmRow struct {
	*Row
	Class        *event.Class
	ExemptReason string // of the account, the trail or the class
}

// AlarmRows returns the rows of an account that the filter allows, one for each of [Account.Rows] and each class.
func (a *Account) AlarmRows(f Filter) []*AlarmRow {
	var rows []*AlarmRow
	for _, r := range a.Rows(f) {
		for _, c := range event.Classes() {
			if !f.allows("event_class", c.Name) {
				continue
			}
			row := &AlarmRow{Row: r, Class: c, ExemptReason: r.ExemptReason}
			if row.ExemptReason == "" {
				row.ExemptReason = a.query.connection.Exempt.ClassReason(a.ID, c.Name)
			}
			rows = append(rows, row)
		}
	}
	return rows
}

// Alarm is the verdict on whether anyone is alarmed, and what could not be read for it.
type Alarm struct {
	alarm.Verdict
	MetricFilterError string
	AlarmError        string
	TopicError        string // of the topics of the chain that decides
	TrailStatusError  string
}

// Alarm follows the chain from the trail to a person.
func (r *AlarmRow) Alarm(ctx context.Context) Alarm {
	facts := alarm.Facts{AccountID: r.ID}
	var (
		wg    sync.WaitGroup
		found watched
		a     Alarm
	)
	if !r.ofAccount {
		facts.Trail = &alarm.Trail{
			ARN: r.Trail.ARN, Name: r.Trail.Name, OwnerAccountID: r.Trail.OwnerAccountID, HomeRegion: r.Trail.HomeRegion,
			MultiRegion: aws.ToBool(r.Trail.IsMultiRegion),
		}
		wg.Go(func() { facts.Recording, _ = r.recording(ctx) }) // its error is in it
		wg.Go(func() { found = r.watched(ctx) })
	}
	judged := r.Delivery(ctx)
	wg.Wait()
	facts.Delivery, facts.DeliveryReason, facts.DeliveryRemediation = judged.Status, judged.Reason, judged.Remediation
	facts.Group = found.group
	a.Verdict = alarm.Of(facts, r.Class)
	if r.ExemptReason != "" {
		a.Remediation = "" // someone decided that there is nothing to mend
	}
	a.MetricFilterError = r.errorOn(found.filtersErr, describeMetricFilters)
	a.AlarmError = r.errorOn(cmp.Or(found.alarmsErr, found.mutesErr), describeAlarms)
	if a.Chain != nil {
		a.TopicError = r.errorOn(found.topicErrs[a.Chain.TopicARN], getTopicAttributes)
	}
	if !r.ofAccount && r.Trail.LogGroupARN != "" {
		a.TrailStatusError = r.TrailStatus(ctx).Error
	}
	return a
}
