package scan

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"

	"github.com/ctcw/steampipe-plugin-ctcw/ctcw/aws/awserr"
	"github.com/ctcw/steampipe-plugin-ctcw/ctcw/aws/trail"
	"github.com/ctcw/steampipe-plugin-ctcw/ctcw/verdict/alarm"
)

const getEventSelectors = "cloudtrail:GetEventSelectors"

// Selectors is what GetEventSelectors says of a trail. The zero value is that of a row about an account.
type Selectors struct {
	// ManagementEvents are All, ReadOnly, WriteOnly or None; empty where there is no answer.
	ManagementEvents string
	Error            string

	recording *alarm.Recording
}

// Selectors asks GetEventSelectors: of an organization trail through the account that owns it, once for all members.
func (r *Row) Selectors(ctx context.Context) Selectors {
	if r.ofAccount {
		return Selectors{}
	}
	recording, err := r.recording(ctx)
	if err != nil {
		return Selectors{Error: r.errorOn(err, getEventSelectors), recording: recording}
	}
	return Selectors{ManagementEvents: recording.ManagementEvents(), recording: recording}
}

// recording is judged once for all rows of the trail.
func (r *Row) recording(ctx context.Context) (*alarm.Recording, error) {
	recording, err := throughOwner(ctx, r, r.Trail.OwnerAccountID, func(ctx context.Context, by *asker) (*alarm.Recording, error) {
		return r.query.recordings.get(ctx, key(by.session.AccountID, r.Trail.ARN), func(ctx context.Context) (*alarm.Recording, error) {
			selectors, err := trail.GetSelectors(ctx, by.session, r.Trail, by.failed)
			return alarm.NewRecording(selectorFacts(selectors)), err
		})
	})
	if err != nil {
		return alarm.NewRecording(alarm.Selectors{Error: awserr.TextOn(err, getEventSelectors)}), err
	}
	return recording, nil
}

func selectorFacts(s trail.Selectors) alarm.Selectors {
	var facts alarm.Selectors
	for _, b := range s.Basic {
		basic := alarm.BasicSelector{
			ReadWriteType:                 string(b.ReadWriteType),
			IncludeManagementEvents:       aws.ToBool(b.IncludeManagementEvents),
			ExcludeManagementEventSources: b.ExcludeManagementEventSources,
		}
		for _, d := range b.DataResources {
			basic.DataResources = append(basic.DataResources, alarm.DataResource{Type: aws.ToString(d.Type), Values: d.Values})
		}
		facts.Basic = append(facts.Basic, basic)
	}
	for _, a := range s.Advanced {
		advanced := alarm.AdvancedSelector{Name: aws.ToString(a.Name)}
		for _, f := range a.FieldSelectors {
			advanced.Fields = append(advanced.Fields, alarm.FieldSelector{
				Field: aws.ToString(f.Field), Equals: f.Equals, StartsWith: f.StartsWith, EndsWith: f.EndsWith,
				NotEquals: f.NotEquals, NotStartsWith: f.NotStartsWith, NotEndsWith: f.NotEndsWith,
			})
		}
		facts.Advanced = append(facts.Advanced, advanced)
	}
	return facts
}
