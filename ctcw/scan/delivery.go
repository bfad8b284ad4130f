package scan

import (
	"context"
	"sync"

	"github.com/aws/aws-sdk-go-v2/aws"

	"github.com/ctcw/steampipe-plugin-ctcw/ctcw/aws/awserr"
	"github.com/ctcw/steampipe-plugin-ctcw/ctcw/aws/trail"
	"github.com/ctcw/steampipe-plugin-ctcw/ctcw/verdict/delivery"
)

// Delivery is the verdict on whether the trail delivers. What is exempt has no remediation: someone decided that
// there is nothing to mend.
func (r *Row) Delivery(ctx context.Context) delivery.Verdict {
	v := delivery.Of(r.deliveryFacts(ctx))
	if r.ExemptReason != "" {
		v.Remediation = ""
	}
	return v
}

// deliveryFacts gathers what the verdict needs, the trail's status and its log group at once. A trail without a
// log group is judged without asking for either.
func (r *Row) deliveryFacts(ctx context.Context) delivery.Facts {
	f := delivery.Facts{
		AccountID: r.ID,
		Partition: r.Partition,
		CheckedAt: r.CheckedAt,
		Listed:    len(r.listing.Listed),
		Unscanned: r.Unscanned,
		ScanError: r.ScanError,
		Sought:    r.sought,
	}
	if r.ofAccount {
		return f
	}
	f.Trail = &delivery.Trail{
		ARN:            r.Trail.ARN,
		Name:           r.Trail.Name,
		HomeRegion:     r.Trail.HomeRegion,
		OwnerAccountID: r.Trail.OwnerAccountID,
		LogGroupARN:    r.Trail.LogGroupARN,
		LogGroupName:   r.LogGroup.Name,
		LogGroupRegion: r.LogGroup.Region,
		RoleARN:        r.Trail.CloudWatchLogsRoleARN,
	}
	if r.Trail.LogGroupARN == "" {
		return f
	}
	var wg sync.WaitGroup
	wg.Go(func() {
		var err error
		_, f.LogGroup, err = r.lookUpLogGroup(ctx)
		f.LogGroupError = awserr.TextOn(err, describeLogGroups)
	})
	s, err := r.status(ctx)
	wg.Wait()
	if err != nil {
		f.StatusError = awserr.Text(err)
		return f
	}
	f.SaidBy = r.saidBy(s)
	f.Status = &delivery.TrailStatus{
		Logging:              s.IsLogging,
		StopLogging:          aws.ToTime(s.StopLoggingTime),
		LatestCloudWatchLogs: aws.ToTime(s.LatestCloudWatchLogsDeliveryTime),
		CloudWatchLogsError:  s.LatestCloudWatchLogsDeliveryError,
		LatestS3Delivery:     aws.ToTime(s.LatestDeliveryTime),
	}
	return f
}

// saidBy is the region that stands in for the trail's home region: its answers may lag behind, and a status is that of
// one region. It is empty where the home region gave its own.
func (r *Row) saidBy(s trail.Status) string {
	if s.Region != r.Trail.HomeRegion {
		return s.Region
	}
	if _, failed := r.listing.Failed[r.Trail.HomeRegion]; failed {
		return r.Trail.SeenIn[0]
	}
	return ""
}
