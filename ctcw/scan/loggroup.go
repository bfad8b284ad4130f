package scan

import (
	"context"

	"github.com/ctcw/steampipe-plugin-ctcw/ctcw/aws/account"
	"github.com/ctcw/steampipe-plugin-ctcw/ctcw/aws/awserr"
	"github.com/ctcw/steampipe-plugin-ctcw/ctcw/aws/loggroup"
	"github.com/ctcw/steampipe-plugin-ctcw/ctcw/verdict/delivery"
)

const describeLogGroups = "logs:DescribeLogGroups"

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
	if r.Trail.LogGroupARN == "" {
		return LogGroup{}
	}
	group, status, err := r.lookUpLogGroup(ctx)
	found := LogGroup{Status: status, Error: r.errorOn(err, describeLogGroups)}
	if group != nil {
		found.Group = *group
	}
	return found
}

// lookUpLogGroup returns the log group, nil unless its status is found, and the error when it is unknown.
func (r *Row) lookUpLogGroup(ctx context.Context) (*loggroup.Group, delivery.LogGroupStatus, error) {
	ref := r.LogGroup
	session, err := r.logGroupOwner(ctx)
	switch {
	case awserr.Code(err) == codeNotInReach:
		return nil, delivery.LogGroupOtherAccount, nil
	case err != nil:
		return nil, delivery.LogGroupUnknown, err
	}
	group, err := r.query.logGroups.get(ctx, key(ref.AccountID, ref.Region, ref.Name), func(ctx context.Context) (*loggroup.Group, error) {
		return loggroup.Get(ctx, session, ref)
	})
	switch {
	case err != nil:
		return nil, delivery.LogGroupUnknown, err
	case group == nil:
		return nil, delivery.LogGroupNotFound, nil
	default:
		return group, delivery.LogGroupFound, nil
	}
}

// logGroupOwner returns a session in the account that owns the log group. A group of the same name may well exist in
// the row's own account, and would be the wrong one.
func (r *Row) logGroupOwner(ctx context.Context) (*account.Session, error) {
	switch {
	case r.logGroupErr != nil:
		return nil, r.logGroupErr
	case r.LogGroup.AccountID == r.ID:
		return r.session, nil
	}
	session, err := r.query.owner(ctx, r.LogGroup.AccountID)
	if err == nil && session == nil {
		err = notInReach("log group", r.LogGroup.AccountID)
	}
	return session, err
}
