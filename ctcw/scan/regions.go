package scan

import (
	"context"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"

	"github.com/ctcw/steampipe-plugin-ctcw/ctcw/aws/account"
	"github.com/ctcw/steampipe-plugin-ctcw/ctcw/aws/awserr"
	"github.com/ctcw/steampipe-plugin-ctcw/ctcw/aws/trail"
)

// RegionStatus is what GetTrailStatus says in one of the regions that a trail covers.
type RegionStatus struct {
	IsLogging     *bool      `json:"is_logging,omitempty"`
	DeliveryTime  *time.Time `json:"latest_cloudwatch_logs_delivery_time,omitempty"`
	DeliveryError string     `json:"latest_cloudwatch_logs_delivery_error,omitempty"`
	// Error is that of the call, code and message, also where the connection ignores it: without it, a region that was not
	// heard would look like one that has nothing to report.
	Error string `json:"error,omitempty"`
}

// RegionStatuses are what GetTrailStatus says by region; nil in a row about an account.
type RegionStatuses map[string]RegionStatus

// Failing returns the regions that report a delivery error or are not logging, comma-separated.
func (s RegionStatuses) Failing() string {
	var failing []string
	for _, region := range slices.Sorted(maps.Keys(s)) {
		if of := s[region]; of.DeliveryError != "" || of.IsLogging != nil && !*of.IsLogging {
			failing = append(failing, region)
		}
	}
	return strings.Join(failing, ", ")
}

// RegionStatuses asks GetTrailStatus in every region that the trail covers, through the account that owns it: each
// region answers for itself only.
func (r *Row) RegionStatuses(ctx context.Context) RegionStatuses {
	if r.ofAccount {
		return nil
	}
	statuses, err := throughOwner(ctx, r, r.Trail.OwnerAccountID, func(ctx context.Context, by *asker) (RegionStatuses, error) {
		return r.statusByRegion(ctx, by)
	})
	if err != nil {
		return RegionStatuses{r.Trail.HomeRegion: {Error: awserr.Text(err)}}
	}
	return statuses
}

func (r *Row) statusByRegion(ctx context.Context, by *asker) (RegionStatuses, error) {
	regions := []account.Region{{Name: r.Trail.HomeRegion}}
	if aws.ToBool(r.Trail.IsMultiRegion) {
		var err error
		if regions, err = by.session.Regions(); err != nil {
			return nil, err
		}
	}
	var (
		wg       sync.WaitGroup
		mu       sync.Mutex
		statuses = RegionStatuses{}
	)
	for _, region := range regions {
		wg.Go(func() {
			s, err := r.query.statusIn(ctx, by, r.Trail, region.Name)
			if region.MaybeDisabled && awserr.IsNotEnabled(err) {
				return
			}
			of := RegionStatus{Error: awserr.Text(err)}
			if err == nil {
				of = RegionStatus{IsLogging: &s.IsLogging, DeliveryTime: s.LatestCloudWatchLogsDeliveryTime, DeliveryError: s.LatestCloudWatchLogsDeliveryError}
			}
			mu.Lock()
			defer mu.Unlock()
			statuses[region.Name] = of
		})
	}
	wg.Wait()
	return statuses, nil
}

func (q *Query) statusIn(ctx context.Context, by *asker, t trail.Trail, region string) (trail.Status, error) {
	return q.statuses.get(ctx, key(by.session.AccountID, t.ARN, region), func(ctx context.Context) (trail.Status, error) {
		return trail.StatusIn(ctx, by.session, t, region)
	})
}
