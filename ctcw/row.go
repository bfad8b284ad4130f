package ctcw

import (
	"context"
	"sync"
	"time"

	"github.com/ctcw/steampipe-plugin-ctcw/ctcw/aws/account"
	"github.com/ctcw/steampipe-plugin-ctcw/ctcw/aws/awserr"
	"github.com/ctcw/steampipe-plugin-ctcw/ctcw/aws/trail"
	"github.com/ctcw/steampipe-plugin-ctcw/ctcw/verdict/delivery"
)

// row is what the list call streams: the columns that DescribeTrails fills. Nil and zero mean null.
type row struct {
	ARN                        *string
	Name                       *string
	HomeRegion                 *string
	TrailAccountID             *string
	LogGroupARN                *string
	LogGroupName               *string
	LogGroupRegion             *string
	LogGroupAccountID          *string
	CloudWatchLogsRoleARN      *string
	IsMultiRegionTrail         *bool
	IsOrganizationTrail        *bool
	IncludeGlobalServiceEvents *bool
	LogFileValidationEnabled   *bool
	HasCustomEventSelectors    *bool
	HasInsightSelectors        *bool
	KMSKeyID                   *string
	S3BucketName               *string
	S3KeyPrefix                *string
	SNSTopicARN                *string
	ExemptReason               *string
	UnscannedRegions           map[string]string
	ScanError                  *string
	CheckedAt                  time.Time
	Title                      *string
	Akas                       []string
	Partition                  string
	Region                     *string
	AccountID                  string

	scan        *scan
	trail       *trail.Trail // nil for a row about the account itself
	sought      bool
	logGroup    trail.LogGroupRef
	logGroupErr error // LogGroupARN is no log group's
}

func (s *scan) newRow() *row {
	return &row{
		UnscannedRegions: s.unscanned(),
		ScanError:        str(s.scanError()),
		CheckedAt:        s.checkedAt,
		Partition:        s.query.self.Partition,
		AccountID:        s.accountID,
		scan:             s,
	}
}

func (s *scan) trailRow(t trail.Trail) *row {
	r := s.newRow()
	r.trail = &t
	r.ARN, r.Name, r.Title = str(t.ARN), str(t.Name), str(t.Name)
	r.HomeRegion, r.Region = str(t.HomeRegion), str(t.HomeRegion)
	r.TrailAccountID = str(t.OwnerAccountID)
	r.LogGroupARN = str(t.LogGroupARN)
	r.CloudWatchLogsRoleARN = str(t.CloudWatchLogsRoleARN)
	r.IsMultiRegionTrail = t.IsMultiRegion
	r.IsOrganizationTrail = t.IsOrganization
	r.IncludeGlobalServiceEvents = t.IncludeGlobalServiceEvents
	r.LogFileValidationEnabled = t.LogFileValidationEnabled
	r.HasCustomEventSelectors = t.HasCustomEventSelectors
	r.HasInsightSelectors = t.HasInsightSelectors
	r.KMSKeyID, r.S3BucketName, r.S3KeyPrefix, r.SNSTopicARN = str(t.KMSKeyID), str(t.S3BucketName), str(t.S3KeyPrefix), str(t.SNSTopicARN)
	r.ExemptReason = s.query.connection.config.exemptReason(t.ARN)
	if t.ARN != "" {
		r.Akas = []string{t.ARN}
	}
	if t.LogGroupARN != "" {
		r.logGroup, r.logGroupErr = trail.ParseLogGroupARN(t.LogGroupARN)
		r.LogGroupName, r.LogGroupRegion, r.LogGroupAccountID = str(r.logGroup.Name), str(r.logGroup.Region), str(r.logGroup.AccountID)
	}
	return r
}

// accountRow stands for an account without a visible trail, or one that could not be read. It carries
// what the query filters on: otherwise its filter would hide that the answer is not complete.
func (s *scan) accountRow(f filter) *row {
	r := s.newRow()
	r.sought = f.namesTrails()
	r.ARN, r.Name = f.echo("arn"), f.echo("name")
	r.HomeRegion, r.Region = f.echo("home_region"), f.echo("region")
	r.Title = str(r.AccountID)
	r.Akas = []string{"arn:" + r.Partition + ":::" + r.AccountID}
	r.ExemptReason = str(s.closed)
	return r
}

// statusColumns are the columns that GetTrailStatus fills.
type statusColumns struct {
	IsLogging                         *bool
	StartLoggingTime                  *time.Time
	StopLoggingTime                   *time.Time
	LatestCloudWatchLogsDeliveryTime  *time.Time
	LatestCloudWatchLogsDeliveryError *string
	CloudWatchLogsDeliveryAgeHours    *float64
	LatestDeliveryTime                *time.Time
	LatestDeliveryError               *string
	LatestDigestDeliveryTime          *time.Time
	LatestDigestDeliveryError         *string
	LatestNotificationTime            *time.Time
	LatestNotificationError           *string
	StatusRegion                      *string
	TrailStatusError                  *string
}

func (r *row) statusColumns(ctx context.Context) statusColumns {
	if r.trail == nil {
		return statusColumns{}
	}
	s, err := r.status(ctx)
	if err != nil {
		return statusColumns{TrailStatusError: r.errorText(err)}
	}
	columns := statusColumns{
		IsLogging:                         &s.IsLogging,
		StartLoggingTime:                  s.StartLoggingTime,
		StopLoggingTime:                   s.StopLoggingTime,
		LatestCloudWatchLogsDeliveryTime:  s.LatestCloudWatchLogsDeliveryTime,
		LatestCloudWatchLogsDeliveryError: str(s.LatestCloudWatchLogsDeliveryError),
		LatestDeliveryTime:                s.LatestDeliveryTime,
		LatestDeliveryError:               str(s.LatestDeliveryError),
		LatestDigestDeliveryTime:          s.LatestDigestDeliveryTime,
		LatestDigestDeliveryError:         str(s.LatestDigestDeliveryError),
		LatestNotificationTime:            s.LatestNotificationTime,
		LatestNotificationError:           str(s.LatestNotificationError),
		StatusRegion:                      str(s.Region),
	}
	if t := s.LatestCloudWatchLogsDeliveryTime; t != nil {
		hours := r.CheckedAt.Sub(*t).Hours()
		columns.CloudWatchLogsDeliveryAgeHours = &hours
	}
	return columns
}

// logGroupColumns are the columns that DescribeLogGroups fills.
type logGroupColumns struct {
	LogGroupStatus        *string
	RetentionInDays       *int64
	RetentionNeverExpires *bool
	LogGroupClass         *string
	LogGroupCreationTime  *time.Time
	LogGroupKMSKeyID      *string
	LogGroupStoredBytes   *int64
	MetricFilterCount     *int64
	LogGroupError         *string
}

func (r *row) logGroupColumns(ctx context.Context) logGroupColumns {
	group, status, err := r.lookUpLogGroup(ctx)
	columns := logGroupColumns{LogGroupStatus: str(string(status)), LogGroupError: r.errorText(err)}
	if group != nil {
		neverExpires := group.RetentionInDays == nil
		columns.RetentionInDays = group.RetentionInDays
		columns.RetentionNeverExpires = &neverExpires
		columns.LogGroupClass = str(group.Class)
		columns.LogGroupCreationTime = group.CreationTime
		columns.LogGroupKMSKeyID = str(group.KMSKeyID)
		columns.LogGroupStoredBytes = group.StoredBytes
		columns.MetricFilterCount = group.MetricFilterCount
	}
	return columns
}

// verdictColumns are the columns that are computed from all the others.
type verdictColumns struct {
	DeliveryStatus string
	StatusReason   string
	Remediation    *string
}

func (r *row) verdictColumns(ctx context.Context) verdictColumns {
	v := delivery.Of(r.facts(ctx))
	if r.ExemptReason != nil {
		v.Remediation = "" // someone decided that there is nothing to mend
	}
	return verdictColumns{DeliveryStatus: string(v.Status), StatusReason: v.Reason, Remediation: str(v.Remediation)}
}

// facts gathers what the verdict needs, the trail's status and its log group at once. A trail without a
// log group is judged without asking for either.
func (r *row) facts(ctx context.Context) delivery.Facts {
	f := delivery.Facts{
		AccountID: r.AccountID,
		Partition: r.Partition,
		CheckedAt: r.CheckedAt,
		Listed:    len(r.scan.listing.Listed),
		Unscanned: r.UnscannedRegions,
		ScanError: deref(r.ScanError),
		Sought:    r.sought,
	}
	t := r.trail
	if t == nil {
		return f
	}
	f.Trail = &delivery.Trail{
		ARN:            t.ARN,
		Name:           t.Name,
		HomeRegion:     t.HomeRegion,
		OwnerAccountID: t.OwnerAccountID,
		LogGroupARN:    t.LogGroupARN,
		LogGroupName:   r.logGroup.Name,
		LogGroupRegion: r.logGroup.Region,
		RoleARN:        t.CloudWatchLogsRoleARN,
	}
	if t.LogGroupARN == "" {
		return f
	}
	var wg sync.WaitGroup
	wg.Go(func() { _, f.LogGroup, _ = r.lookUpLogGroup(ctx) })
	s, err := r.status(ctx)
	wg.Wait()
	if err != nil {
		f.StatusError = awserr.Text(err)
		return f
	}
	f.Status = &delivery.TrailStatus{
		Logging:              s.IsLogging,
		StopLogging:          deref(s.StopLoggingTime),
		LatestCloudWatchLogs: deref(s.LatestCloudWatchLogsDeliveryTime),
		CloudWatchLogsError:  s.LatestCloudWatchLogsDeliveryError,
		LatestS3Delivery:     deref(s.LatestDeliveryTime),
	}
	return f
}

// status asks for an organization trail's status through the account that owns it, once for all members,
// and as the member itself where that account is not in reach or does not answer.
func (r *row) status(ctx context.Context) (trail.Status, error) {
	s := r.scan
	if r.trail.OwnerAccountID != s.accountID {
		if owner := s.query.reach(ctx, r.trail.OwnerAccountID); owner != nil {
			if got := s.query.status(ctx, owner, *r.trail, nil); got.err == nil {
				return got.value, nil
			}
		}
	}
	got := s.query.status(ctx, s.session, *r.trail, s.listing.Failed)
	return got.value, got.err
}

func (q *query) status(ctx context.Context, session *account.Session, t trail.Trail, failed map[string]error) result[trail.Status] {
	return q.statuses.get(session.AccountID+" "+t.ARN+" "+t.Name, func() result[trail.Status] {
		return resultOf(trail.GetStatus(ctx, session, t, failed))
	})
}

// lookUpLogGroup returns the log group, nil unless its status is found, and the error when it is unknown.
func (r *row) lookUpLogGroup(ctx context.Context) (*trail.LogGroup, delivery.LogGroupStatus, error) {
	switch {
	case r.LogGroupARN == nil:
		return nil, "", nil
	case r.logGroupErr != nil:
		return nil, delivery.LogGroupUnknown, r.logGroupErr
	}
	ref, session := r.logGroup, r.scan.session
	if ref.AccountID != r.AccountID {
		// A group of the same name may well exist in this account, and would be the wrong one.
		if session = r.scan.query.reach(ctx, ref.AccountID); session == nil {
			return nil, delivery.LogGroupOtherAccount, nil
		}
	}
	got := r.scan.query.logGroups.get(ref.AccountID+" "+ref.Region+" "+ref.Name, func() result[*trail.LogGroup] {
		return resultOf(trail.GetLogGroup(ctx, session, ref))
	})
	switch {
	case got.err != nil:
		return nil, delivery.LogGroupUnknown, got.err
	case got.value == nil:
		return nil, delivery.LogGroupNotFound, nil
	default:
		return got.value, delivery.LogGroupFound, nil
	}
}

// tagColumns are the columns that ListTags fills, for trails that the account owns.
type tagColumns struct {
	Tags      map[string]string
	TagsError *string
}

func (r *row) tagColumns(ctx context.Context) tagColumns {
	if r.trail == nil || r.trail.OwnerAccountID != r.AccountID {
		return tagColumns{}
	}
	got := r.scan.query.tags.get(r.trail.ARN, func() result[map[string]string] {
		return resultOf(trail.GetTags(ctx, r.scan.session, *r.trail))
	})
	return tagColumns{Tags: got.value, TagsError: r.errorText(got.err)}
}

func (r *row) errorText(err error) *string {
	return str(r.scan.query.connection.account.ErrorText(err))
}

// str returns nil for "": AWS leaves strings out or returns them empty, and means the same.
func str(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}
