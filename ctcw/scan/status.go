package scan

import (
	"context"

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

// status asks for an organization trail's status through the account that owns it, once for all members.
func (r *Row) status(ctx context.Context) (trail.Status, error) {
	return throughOwner(ctx, r, r.Trail.OwnerAccountID, func(ctx context.Context, by *asker) (trail.Status, error) {
		return trail.InRegions(ctx, r.Trail, by.failed, func(region string) (trail.Status, error) {
			return r.query.statusIn(ctx, by, r.Trail, region)
		})
	})
}
