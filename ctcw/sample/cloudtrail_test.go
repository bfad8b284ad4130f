package sample_test

import (
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudtrail"
	"github.com/aws/aws-sdk-go-v2/service/cloudtrail/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/ctcw/steampipe-plugin-ctcw/ctcw/sample"
)

const (
	mainARN     = "arn:aws:cloudtrail:us-east-1:111111111111:trail/main"
	everyoneARN = "arn:aws:cloudtrail:eu-west-1:111111111111:trail/everyone"
	ownARN      = "arn:aws:cloudtrail:eu-west-1:222222222222:trail/own"
)

func TestDescribeTrails(t *testing.T) {
	org := small()
	org.Accounts = append(org.Accounts, &sample.Account{ID: "444444444444", Name: "late", BeforeOrganizationTrails: true})
	s := serve(t, org)
	tests := []struct {
		name, account, region string
		own                   bool // without shadow trails
		list                  []string
		want                  []string
	}{
		{"at home and a shadow", "top", "us-east-1", false, nil, []string{"main", "everyone"}},
		{"both at home elsewhere", "top", "eu-west-2", false, nil, []string{"main", "everyone"}},
		{"own of the region", "top", "us-east-1", true, nil, []string{"main"}},
		{"none of the region", "top", "eu-west-2", true, nil, []string{}},
		{"member at home", "member", "eu-west-1", false, nil, []string{"own", "everyone"}},
		{"member elsewhere", "member", "us-east-1", false, nil, []string{"everyone"}},
		{"an organization trail is a shadow in a member", "member", "eu-west-1", true, nil, []string{"own"}},
		{"outside", "outside", "eu-west-1", false, nil, []string{}},
		{"late", "late", "eu-west-1", false, nil, []string{}},
		{"by name", "top", "us-east-1", false, []string{"main"}, []string{"main"}},
		{"a shadow by name", "top", "us-east-1", false, []string{"everyone"}, []string{}},
		{"a shadow by ARN", "top", "us-east-1", false, []string{everyoneARN, "nobody"}, []string{"everyone"}},
		{"another account's by name", "member", "eu-west-1", false, []string{"everyone"}, []string{}},
		{"another account's by ARN", "member", "eu-west-1", false, []string{everyoneARN}, []string{"everyone"}},
		{"invisible by ARN", "member", "eu-west-1", false, []string{mainARN}, []string{}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			in := &cloudtrail.DescribeTrailsInput{TrailNameList: test.list}
			if test.own {
				in.IncludeShadowTrails = aws.Bool(false)
			}
			out, err := as(t, s, org.Account(test.account), test.region).trail.DescribeTrails(t.Context(), in)
			require.NoError(t, err)
			assert.Equal(t, test.want, names(out.TrailList))
		})
	}
}

func TestSingleRegionTrails(t *testing.T) {
	org := small()
	for _, trail := range org.Account("top").Trails {
		trail.MultiRegion = false
	}
	s := serve(t, org)
	for region, want := range map[string][]string{"us-east-1": {}, "eu-west-1": {"own", "everyone"}} {
		out, err := as(t, s, org.Account("member"), region).trail.DescribeTrails(t.Context(), nil)
		require.NoError(t, err)
		assert.Equal(t, want, names(out.TrailList), region)
	}
}

func TestTrailMembers(t *testing.T) {
	org := small()
	full := org.Account("top").Trails[0]
	full.SNSTopicARN = "arn:aws:sns:us-east-1:111111111111:topic"
	full.S3KeyPrefix, full.KMSKeyID = "prefix", "key"
	full.IncludeGlobalServiceEvents, full.LogFileValidation = true, true
	full.CustomEventSelectors, full.InsightSelectors = true, true
	s := serve(t, org)

	out, err := as(t, s, org.Account("top"), "us-east-1").trail.DescribeTrails(t.Context(), nil)
	require.NoError(t, err)
	yes, no := aws.Bool(true), aws.Bool(false)
	assert.Equal(t, []types.Trail{
		{
			Name: aws.String("main"), TrailARN: aws.String(mainARN), HomeRegion: aws.String("us-east-1"),
			S3BucketName: aws.String("bucket"), S3KeyPrefix: aws.String("prefix"), KmsKeyId: aws.String("key"),
			SnsTopicARN: &full.SNSTopicARN, SnsTopicName: aws.String("topic"),
			CloudWatchLogsLogGroupArn: aws.String("arn:aws:logs:us-east-1:111111111111:log-group:trails/main:*"),
			CloudWatchLogsRoleArn:     aws.String("arn:aws:iam::111111111111:role/writer"),
			IsMultiRegionTrail:        yes, IsOrganizationTrail: no, IncludeGlobalServiceEvents: yes, LogFileValidationEnabled: yes,
			HasCustomEventSelectors: yes, HasInsightSelectors: yes,
		},
		{ // what it does not have is left out
			Name: aws.String("everyone"), TrailARN: aws.String(everyoneARN), HomeRegion: aws.String("eu-west-1"),
			IsMultiRegionTrail: yes, IsOrganizationTrail: yes, IncludeGlobalServiceEvents: no, LogFileValidationEnabled: no,
			HasCustomEventSelectors: no, HasInsightSelectors: no,
		},
	}, out.TrailList)

	out, err = as(t, s, org.Account("member"), "eu-west-1").trail.DescribeTrails(t.Context(), nil)
	require.NoError(t, err)
	assert.Equal(t, aws.String(""), out.TrailList[0].CloudWatchLogsLogGroupArn, "EmptyStrings")
	assert.Equal(t, aws.String(""), out.TrailList[0].KmsKeyId, "EmptyStrings")
}

func TestGetTrailStatus(t *testing.T) {
	org := small()
	s := serve(t, org)
	const unknown, foreign = "TrailNotFoundException", "CloudTrailARNInvalidException"
	tests := []struct {
		name, account, region, trail string
		as                           sample.OrganizationTrailStatus
		want                         string
	}{
		{"by name", "top", "us-east-1", "main", 0, ""},
		{"by ARN", "top", "us-east-1", mainARN, 0, ""},
		{"shadow by name", "top", "eu-west-2", "main", 0, unknown},
		{"shadow by ARN", "top", "eu-west-2", mainARN, 0, ""},
		{"organization trail by name", "member", "eu-west-1", "everyone", 0, unknown},
		{"organization trail by ARN", "member", "eu-west-1", everyoneARN, 0, ""},
		{"organization trail by ARN elsewhere", "member", "us-west-2", everyoneARN, 0, ""},
		{"organization trail not found", "member", "eu-west-1", everyoneARN, sample.StatusNotFound, unknown},
		{"organization trail foreign", "member", "eu-west-1", everyoneARN, sample.StatusForeignARN, foreign},
		{"organization trail denied", "member", "eu-west-1", everyoneARN, sample.StatusDenied, "AccessDeniedException"},
		{"own trail is not concerned", "member", "eu-west-1", ownARN, sample.StatusDenied, ""},
		{"single-region trail elsewhere", "member", "us-east-1", ownARN, 0, unknown},
		{"outside", "outside", "eu-west-1", everyoneARN, 0, unknown},
		{"another ARN", "top", "us-east-1", "arn:aws:s3:::bucket", 0, foreign},
		{"bad name", "top", "us-east-1", "a", 0, "InvalidTrailNameException"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			s.Update(func(o *sample.Organization) { o.Account(test.account).OrganizationTrailStatus = test.as })
			_, err := as(t, s, org.Account(test.account), test.region).trail.GetTrailStatus(t.Context(),
				&cloudtrail.GetTrailStatusInput{Name: &test.trail})
			assert.Equal(t, test.want, code(err))
		})
	}
}

// TestReadableTrails asks for selectors as TestGetTrailStatus asks for the status: the rules are the same.
func TestReadableTrails(t *testing.T) {
	org := small()
	s := serve(t, org)
	const unknown, foreign = "TrailNotFoundException", "CloudTrailARNInvalidException"
	tests := []struct {
		name, account, region, trail string
		as                           sample.OrganizationTrailStatus
		want                         string
	}{
		{"by name", "top", "us-east-1", "main", 0, ""},
		{"shadow by name", "top", "eu-west-2", "main", 0, unknown},
		{"shadow by ARN", "top", "eu-west-2", mainARN, 0, ""},
		{"organization trail by name", "member", "eu-west-1", "everyone", 0, unknown},
		{"organization trail by ARN", "member", "us-west-2", everyoneARN, 0, ""},
		{"organization trail not found", "member", "eu-west-1", everyoneARN, sample.StatusNotFound, unknown},
		{"organization trail foreign", "member", "eu-west-1", everyoneARN, sample.StatusForeignARN, foreign},
		{"organization trail denied", "member", "eu-west-1", everyoneARN, sample.StatusDenied, "AccessDeniedException"},
		{"single-region trail elsewhere", "member", "us-east-1", ownARN, 0, unknown},
		{"outside", "outside", "eu-west-1", everyoneARN, 0, unknown},
		{"another ARN", "top", "us-east-1", "arn:aws:s3:::bucket", 0, foreign},
		{"bad name", "top", "us-east-1", "a", 0, "InvalidTrailNameException"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			s.Update(func(o *sample.Organization) { o.Account(test.account).OrganizationTrailStatus = test.as })
			_, err := as(t, s, org.Account(test.account), test.region).trail.GetEventSelectors(t.Context(),
				&cloudtrail.GetEventSelectorsInput{TrailName: &test.trail})
			assert.Equal(t, test.want, code(err))
		})
	}
}

func TestEventSelectors(t *testing.T) {
	every := []types.EventSelector{{
		ReadWriteType: types.ReadWriteTypeAll, IncludeManagementEvents: aws.Bool(true),
		DataResources: []types.DataResource{}, ExcludeManagementEventSources: []string{},
	}}
	tests := []struct {
		name     string
		trail    sample.Trail
		basic    []types.EventSelector
		advanced []types.AdvancedEventSelector
	}{
		{"none set", sample.Trail{}, every, nil},
		{"an empty list", sample.Trail{EventSelectors: []sample.EventSelector{}}, []types.EventSelector{}, nil},
		{"basic", sample.Trail{EventSelectors: []sample.EventSelector{
			{IncludeManagementEvents: true, ReadWriteType: "WriteOnly", ExcludeManagementEventSources: []string{"kms.amazonaws.com"}},
			{DataResources: []sample.DataResource{{Type: "AWS::S3::Object", Values: []string{"arn:aws:s3"}}}},
		}}, []types.EventSelector{
			{
				ReadWriteType: types.ReadWriteTypeWriteOnly, IncludeManagementEvents: aws.Bool(true),
				DataResources: []types.DataResource{}, ExcludeManagementEventSources: []string{"kms.amazonaws.com"},
			},
			{
				ReadWriteType: types.ReadWriteTypeAll, IncludeManagementEvents: aws.Bool(false), ExcludeManagementEventSources: []string{},
				DataResources: []types.DataResource{{Type: aws.String("AWS::S3::Object"), Values: []string{"arn:aws:s3"}}},
			},
		}, nil},
		{"advanced", sample.Trail{AdvancedEventSelectors: []sample.AdvancedEventSelector{{
			Name: "Management without reads of KMS",
			FieldSelectors: []sample.FieldSelector{
				{Field: "eventCategory", Equals: []string{"Management"}},
				{Field: "readOnly", Equals: []string{"false"}},
				{Field: "eventSource", NotEquals: []string{"kms.amazonaws.com"}},
			},
		}}}, nil, []types.AdvancedEventSelector{{
			Name: aws.String("Management without reads of KMS"),
			FieldSelectors: []types.AdvancedFieldSelector{
				{Field: aws.String("eventCategory"), Equals: []string{"Management"}},
				{Field: aws.String("readOnly"), Equals: []string{"false"}},
				{Field: aws.String("eventSource"), NotEquals: []string{"kms.amazonaws.com"}},
			},
		}}},
	}
	org := small()
	s := serve(t, org)
	c := as(t, s, org.Account("top"), "us-east-1")
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			s.Update(func(o *sample.Organization) {
				main := o.Account("top").Trails[0]
				main.EventSelectors, main.AdvancedEventSelectors = test.trail.EventSelectors, test.trail.AdvancedEventSelectors
			})
			out, err := c.trail.GetEventSelectors(t.Context(), &cloudtrail.GetEventSelectorsInput{TrailName: aws.String("main")})
			require.NoError(t, err)
			assert.Equal(t, mainARN, *out.TrailARN)
			assert.Equal(t, test.basic, out.EventSelectors)
			assert.Equal(t, test.advanced, out.AdvancedEventSelectors)
		})
	}
}

func TestRegionStatus(t *testing.T) {
	org := small()
	failing := sample.Healthy(noon)
	failing.LatestCloudWatchLogsError = "AccessDenied"
	org.Account("top").Trails[0].RegionStatus = map[string]sample.Status{"eu-west-1": failing, "eu-west-2": {}}
	s := serve(t, org)
	for region, want := range map[string]struct {
		logging bool
		err     string
	}{"us-east-1": {true, ""}, "eu-west-1": {true, "AccessDenied"}, "eu-west-2": {false, ""}, "sa-east-1": {true, ""}} {
		out, err := as(t, s, org.Account("top"), region).trail.GetTrailStatus(t.Context(),
			&cloudtrail.GetTrailStatusInput{Name: aws.String(mainARN)})
		require.NoError(t, err)
		assert.Equal(t, want.logging, *out.IsLogging, region)
		assert.Equal(t, want.err, aws.ToString(out.LatestCloudWatchLogsDeliveryError), region)
	}
}

func TestStatusMembers(t *testing.T) {
	at := func(minutes int) time.Time {
		return noon.Add(time.Duration(minutes)*time.Minute + 123*time.Millisecond)
	}
	org := small()
	org.Account("top").Trails[0].Status = sample.Status{
		Logging: true, StartLogging: at(1), StopLogging: at(2),
		LatestDelivery: at(3), LatestDeliveryError: "s3",
		LatestNotification: at(4), LatestNotificationError: "sns",
		LatestDigestDelivery: at(5), LatestDigestDeliveryError: "digest",
		LatestCloudWatchLogsDelivery: at(6), LatestCloudWatchLogsError: "logs",
	}
	org.Account("top").Trails[1].Status = sample.Status{}
	s := serve(t, org)
	c := as(t, s, org.Account("top"), "us-east-1")

	out, err := c.trail.GetTrailStatus(t.Context(), &cloudtrail.GetTrailStatusInput{Name: aws.String(mainARN)})
	require.NoError(t, err)
	for minutes, got := range map[int]*time.Time{
		1: out.StartLoggingTime, 2: out.StopLoggingTime, 3: out.LatestDeliveryTime, 4: out.LatestNotificationTime,
		5: out.LatestDigestDeliveryTime, 6: out.LatestCloudWatchLogsDeliveryTime,
	} {
		require.NotNil(t, got, minutes)
		assert.WithinDuration(t, at(minutes), *got, time.Millisecond)
	}
	assert.True(t, *out.IsLogging)
	assert.Equal(t, []string{"s3", "sns", "digest", "logs"}, []string{*out.LatestDeliveryError, *out.LatestNotificationError,
		*out.LatestDigestDeliveryError, *out.LatestCloudWatchLogsDeliveryError})
	assert.Equal(t, "2026-03-14T12:01:00Z", *out.TimeLoggingStarted)

	out, err = c.trail.GetTrailStatus(t.Context(), &cloudtrail.GetTrailStatusInput{Name: aws.String(everyoneARN)})
	require.NoError(t, err)
	assert.False(t, *out.IsLogging)
	assert.Nil(t, out.LatestCloudWatchLogsDeliveryTime)
	assert.Nil(t, out.LatestDeliveryError)
	assert.Equal(t, "", *out.TimeLoggingStopped, "legacy members are always there")
}

func TestListTags(t *testing.T) {
	org := small()
	s := serve(t, org)
	tests := []struct {
		name, account, region string
		resources             []string
		want                  string
	}{
		{"own", "top", "us-east-1", []string{mainARN}, ""},
		{"another region's", "top", "eu-west-1", []string{mainARN}, "CloudTrailARNInvalidException"},
		{"another account's", "member", "eu-west-1", []string{everyoneARN}, "CloudTrailARNInvalidException"},
		{"mixed", "member", "eu-west-1", []string{ownARN, everyoneARN}, "CloudTrailARNInvalidException"},
		{"unknown", "top", "us-east-1", []string{mainARN + "x"}, "ResourceNotFoundException"},
		{"not a trail", "top", "us-east-1", []string{"main"}, "CloudTrailARNInvalidException"},
		{"too many", "top", "us-east-1", make([]string, 21), "ValidationException"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			out, err := as(t, s, org.Account(test.account), test.region).trail.ListTags(t.Context(),
				&cloudtrail.ListTagsInput{ResourceIdList: test.resources})
			require.Equal(t, test.want, code(err))
			if err == nil {
				assert.Equal(t, []types.ResourceTag{{ResourceId: aws.String(mainARN), TagsList: []types.Tag{
					{Key: aws.String("a"), Value: aws.String("1")}, {Key: aws.String("b"), Value: aws.String("2")},
				}}}, out.ResourceTagList)
			}
		})
	}
}

func TestDenials(t *testing.T) {
	org := small()
	top := org.Account("top")
	top.Denied = []sample.Denial{
		{Action: "cloudtrail:Describe*", Region: "eu-*"},
		{Action: "cloudtrail:DescribeTrails", Region: "us-west-?", SCP: true},
		{Action: "cloudtrail:GetTrailStatus"},
		{Action: "logs:*"},
		{Action: "ec2:DescribeRegions"},
		{Action: "sts:*"},
		{Action: "organizations:*"},
	}
	s := serve(t, org)
	const user = "User: arn:aws:iam::111111111111:user/ctcw is not authorized to perform: "
	tests := []struct{ action, region, code, message string }{
		{"cloudtrail:DescribeTrails", "us-east-1", "", ""},
		{"cloudtrail:DescribeTrails", "eu-west-1", "AccessDeniedException",
			user + "cloudtrail:DescribeTrails because no identity-based policy allows the cloudtrail:DescribeTrails action"},
		{"cloudtrail:DescribeTrails", "us-west-2", "AccessDeniedException",
			user + "cloudtrail:DescribeTrails with an explicit deny in a service control policy"},
		{"cloudtrail:GetTrailStatus", "us-east-1", "AccessDeniedException", user + "cloudtrail:GetTrailStatus on resource: " + mainARN +
			" because no identity-based policy allows the cloudtrail:GetTrailStatus action"},
		{"logs:DescribeLogGroups", "us-east-1", "AccessDeniedException", user + "logs:DescribeLogGroups on resource: " +
			"arn:aws:logs:us-east-1:111111111111:log-group::log-stream: because"},
		{"ec2:DescribeRegions", "us-east-1", "UnauthorizedOperation", user + "ec2:DescribeRegions because"},
		{"sts:AssumeRole", "us-east-1", "AccessDenied", user + "sts:AssumeRole on resource: arn:aws:iam::222222222222:role/audit because"},
		{"sts:GetCallerIdentity", "us-east-1", "", ""},
		{"organizations:ListAccounts", "us-east-1", "AccessDeniedException", "You don't have permissions to access this resource."},
	}
	for _, test := range tests {
		t.Run(test.action+" "+test.region, func(t *testing.T) {
			err := as(t, s, top, test.region).calls()[test.action](t.Context())
			require.Equal(t, test.code, code(err))
			if err != nil {
				assert.ErrorContains(t, err, test.message)
			}
		})
	}
}
