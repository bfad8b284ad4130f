package scan

import (
	"context"

	"github.com/ctcw/steampipe-plugin-ctcw/ctcw/aws/loggroup"
	"github.com/ctcw/steampipe-plugin-ctcw/ctcw/verdict/delivery"
)

// LogGroup is what DescribeLogGroups says of a trail's log group. The zero value is that of a trail without one.
type LogGroup struct {
	loggroup.Group                         // zero unless Status is found
	Status         delivery.LogGroupStatus // empty when no log group is configured
	Error          string
}

// NeverExpires is true when the log group has no retention, nil when it was not found.
func (g LogGroup) NeverExpires() *bool {
	if g.Status != delivery.LogGroupFound {
		return nil
	}
	never := g.RetentionInDays == nil
	return &never
}

// FindLogGroup asks DescribeLogGroups, through the account that owns the log group.
func (r *Row) FindLogGroup(ctx context.Context) LogGroup {
	switch {
	case r.Trail.LogGroupARN == "":
		return LogGroup{}
	case r.logGroupErr != nil:
		return r.unknownLogGroup(r.logGroupErr)
	}
	ref, session := r.LogGroup, r.session
	if ref.AccountID != r.ID {
		// A group of the same name may well exist in this account, and would be the wrong one.
		if session = r.query.reach(ctx, ref.AccountID); session == nil {
			return LogGroup{Status: delivery.LogGroupOtherAccount}
		}
	}
	got := r.query.logGroups.get(ref.AccountID+" "+ref.Region+" "+ref.Name, func() result[*loggroup.Group] {
		return resultOf(loggroup.Get(ctx, session, ref))
	})
	switch {
	case got.err != nil:
		return r.unknownLogGroup(got.err)
	case got.value == nil:
		return LogGroup{Status: delivery.LogGroupNotFound}
	default:
		return LogGroup{Status: delivery.LogGroupFound, Group: *got.value}
	}
}

func (r *Row) unknownLogGroup(err error) LogGroup {
	return LogGroup{Status: delivery.LogGroupUnknown, Error: r.errorText(err)}
}
