package trail

import (
	"context"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudtrail"

	"github.com/ctcw/steampipe-plugin-ctcw/ctcw/aws/account"
	"github.com/ctcw/steampipe-plugin-ctcw/ctcw/aws/awserr"
)

// Status is what GetTrailStatus says, less the legacy strings that AWS no longer fills. Times are nil
// and strings "" where AWS returned nothing.
type Status struct {
	Region                            string // region that answered
	IsLogging                         bool
	StartLoggingTime                  *time.Time
	StopLoggingTime                   *time.Time
	LatestCloudWatchLogsDeliveryTime  *time.Time
	LatestCloudWatchLogsDeliveryError string
	LatestDeliveryTime                *time.Time // to S3
	LatestDeliveryError               string
	LatestDigestDeliveryTime          *time.Time
	LatestDigestDeliveryError         string
	LatestNotificationTime            *time.Time // to SNS
	LatestNotificationError           string
}

// InRegions asks about a trail in its home region, unless that is in failed because it could not be listed; where it does
// not answer, in one other region that shows the trail. The error is that of the first region asked.
func InRegions[T any](ctx context.Context, t Trail, failed map[string]error, ask func(region string) (T, error)) (T, error) {
	var (
		none  T
		first error
	)
	for _, region := range statusRegions(t, failed) {
		answer, err := ask(region)
		if err == nil {
			return answer, nil
		}
		if first == nil {
			first = err
		}
		if ctx.Err() != nil {
			break
		}
	}
	return none, first
}

// statusRegions returns the one or two regions to ask, in order.
func statusRegions(t Trail, failed map[string]error) []string {
	elsewhere := slices.DeleteFunc(slices.Clone(t.SeenIn), func(region string) bool { return region == t.HomeRegion })
	if len(elsewhere) > 1 {
		elsewhere = elsewhere[:1]
	}
	if _, ok := failed[t.HomeRegion]; (ok || t.HomeRegion == "") && len(elsewhere) > 0 {
		return elsewhere
	}
	return append([]string{t.HomeRegion}, elsewhere...)
}

// StatusIn asks for a trail's status in one region: GetTrailStatus answers for that only. It asks by ARN: an
// organization trail in a member account and a shadow trail are not found by name.
func StatusIn(ctx context.Context, of account.Regional, t Trail, region string) (Status, error) {
	out, err := client(of, region).GetTrailStatus(ctx, &cloudtrail.GetTrailStatusInput{Name: &t.ARN})
	if err != nil {
		return Status{}, err
	}
	if out.IsLogging == nil {
		return Status{}, awserr.InvalidResponse("GetTrailStatus did not say whether the trail is logging")
	}
	return Status{
		Region:                            region,
		IsLogging:                         *out.IsLogging,
		StartLoggingTime:                  out.StartLoggingTime,
		StopLoggingTime:                   out.StopLoggingTime,
		LatestCloudWatchLogsDeliveryTime:  out.LatestCloudWatchLogsDeliveryTime,
		LatestCloudWatchLogsDeliveryError: aws.ToString(out.LatestCloudWatchLogsDeliveryError),
		LatestDeliveryTime:                out.LatestDeliveryTime,
		LatestDeliveryError:               aws.ToString(out.LatestDeliveryError),
		LatestDigestDeliveryTime:          out.LatestDigestDeliveryTime,
		LatestDigestDeliveryError:         aws.ToString(out.LatestDigestDeliveryError),
		LatestNotificationTime:            out.LatestNotificationTime,
		LatestNotificationError:           aws.ToString(out.LatestNotificationError),
	}, nil
}
