package scan

import (
	"context"

	"github.com/ctcw/steampipe-plugin-ctcw/ctcw/aws/account"
	"github.com/ctcw/steampipe-plugin-ctcw/ctcw/aws/trail"
)

// TrailStatus is what GetTrailStatus says. The zero value is that of a row about an account.
type TrailStatus struct {
	trail.Status
	IsLogging *bool // nil where there is no answer
	// CloudWatchLogsDeliveryAgeHours is from the latest delivery to the row's CheckedAt; nil without a delivery.
	CloudWatchLogsDeliveryAgeHours *float64
	Error                          string
}

// TrailStatus asks GetTrailStatus.
func (r *Row) TrailStatus(ctx context.Context) TrailStatus {
	if r.ofAccount {
		return TrailStatus{}
	}
	s, err := r.status(ctx)
	if err != nil {
		return TrailStatus{Error: r.errorText(err)}
	}
	status := TrailStatus{Status: s, IsLogging: &s.IsLogging}
	if t := s.LatestCloudWatchLogsDeliveryTime; t != nil {
		hours := r.CheckedAt.Sub(*t).Hours()
		status.CloudWatchLogsDeliveryAgeHours = &hours
	}
	return status
}

// status asks for an organization trail's status through the account that owns it, once for all members,
// and as the member itself where that account is not in reach or does not answer.
func (r *Row) status(ctx context.Context) (trail.Status, error) {
	if r.Trail.OwnerAccountID != r.ID {
		// Why the owner does not answer is not the row's concern: what the member is told is as good.
		if owner, err := r.query.owner(ctx, r.Trail.OwnerAccountID); owner != nil && err == nil {
			if s, err := r.query.status(ctx, owner, r.Trail, nil); err == nil {
				return s, nil
			}
		}
	}
	return r.query.status(ctx, r.session, r.Trail, r.listing.Failed)
}

func (q *Query) status(ctx context.Context, session *account.Session, t trail.Trail, failed map[string]error) (trail.Status, error) {
	return q.statuses.get(ctx, session.AccountID+" "+t.ARN+" "+t.Name, func(ctx context.Context) (trail.Status, error) {
		return trail.GetStatus(ctx, session, t, failed)
	})
}
