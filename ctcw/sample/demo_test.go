package sample_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/cloudtrail"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/ctcw/steampipe-plugin-ctcw/ctcw/sample"
)

// TestDemoStatuses looks at the demo as a scanner does and checks that it has the cases it is there to show.
func TestDemoStatuses(t *testing.T) {
	now := time.Now()
	org := sample.Demo(now)
	s := serve(t, org)

	// The verdict on each trail of an account, as simply as it can be told.
	verdict := func(account, region, name string) string {
		c := as(t, s, org.Account(account), region)
		trails, err := c.trail.DescribeTrails(t.Context(), nil)
		if err != nil {
			return "trails: " + code(err)
		}
		for _, trail := range trails.TrailList {
			if *trail.Name != name {
				continue
			}
			group := trail.CloudWatchLogsLogGroupArn
			if group == nil {
				return "no group"
			}
			if *group == "" {
				return "group ''"
			}
			status, err := c.trail.GetTrailStatus(t.Context(), &cloudtrail.GetTrailStatusInput{Name: trail.TrailARN})
			if err != nil {
				return "status: " + code(err)
			}
			at := status.LatestCloudWatchLogsDeliveryTime
			s3 := "S3 stale"
			if now.Sub(*status.LatestDeliveryTime) < 24*time.Hour {
				s3 = "S3 fresh"
			}
			switch {
			case !*status.IsLogging:
				return "stopped, " + s3
			case at == nil:
				return "never, " + s3
			case now.Sub(*at) > 24*time.Hour:
				return "stale, " + s3
			}
			parts := strings.Split(*group, ":")
			if parts[4] != org.Account(account).ID {
				return "fresh, group of " + parts[4]
			}
			groups, err := c.logs.DescribeLogGroups(t.Context(), &cloudwatchlogs.DescribeLogGroupsInput{LogGroupNamePrefix: &parts[6]})
			if err != nil {
				return "group: " + code(err)
			}
			if len(groups.LogGroups) == 0 || *groups.LogGroups[0].LogGroupName != parts[6] {
				return "group missing"
			}
			retention := "for ever"
			if days := groups.LogGroups[0].RetentionInDays; days != nil {
				retention = map[bool]string{true: "long enough", false: "too short"}[*days >= 365]
			}
			if status.LatestCloudWatchLogsDeliveryError != nil {
				return "fresh, error, " + retention
			}
			return "fresh, " + retention
		}
		return "no trail"
	}

	tests := []struct{ account, region, trail, want string }{
		{"acme-management", "us-east-1", "acme-organization", "fresh, long enough"},
		{"acme-security", "eu-west-1", "security-audit", "fresh, for ever"},
		{"acme-security", "us-east-1", "acme-organization", "fresh, group of 111122223333"},
		{"acme-log-archive", "us-east-1", "siem-direct", "no group"},
		{"payments-prod", "us-east-1", "payments-audit", "fresh, long enough"},
		{"payments-prod", "eu-central-1", "payments-data-events", "fresh, too short"},
		{"partner-integration", "us-west-2", "partner-feed", "fresh, group of 606060606060"},
		{"payments-staging", "us-east-1", "payments-audit", "stopped, S3 fresh"},
		{"storefront-prod", "us-east-1", "storefront-audit", "group missing"},
		{"storefront-staging", "us-east-1", "storefront-audit", "never, S3 fresh"},
		{"data-platform", "us-east-1", "lake-events", "stale, S3 fresh"},
		{"legacy-erp", "eu-west-1", "erp-trail", "stale, S3 stale"},
		{"legacy-erp", "sa-east-1", "erp-trail", "trails: AccessDeniedException"},
		{"mobile-backend", "us-west-2", "mobile-audit", "fresh, error, long enough"},
		{"sandbox-alice", "us-east-1", "sandbox-trail", "no group"},
		{"sandbox-alice", "eu-west-1", "alice-test", "group ''"},
		{"hr-records", "eu-central-1", "hr-audit", "trails: AccessDeniedException"},
		{"finance-reporting", "us-east-1", "finance-audit", "status: AccessDeniedException"},
		{"finance-reporting", "us-east-1", "acme-organization", "status: AccessDeniedException"},
		{"analytics-prod", "us-east-1", "analytics-audit", "group: AccessDeniedException"},
		{"analytics-prod", "us-east-1", "acme-organization", "status: CloudTrailARNInvalidException"},
		{"legal-archive", "us-east-1", "acme-organization", "status: TrailNotFoundException"},
		{"robotics-lab", "us-east-1", "acme-organization", "no trail"},
		{"fieldkit-acquired", "us-east-1", "acme-organization", "no trail"},
	}
	for _, test := range tests {
		t.Run(test.account+" "+test.trail, func(t *testing.T) {
			assert.Equal(t, test.want, verdict(test.account, test.region, test.trail))
		})
	}
}

func TestDemoShape(t *testing.T) {
	org := sample.Demo(noon)
	s := serve(t, org)

	ids, keys := map[string]bool{}, map[string]bool{}
	for _, a := range org.Accounts {
		assert.Regexp(t, regexp.MustCompile(`^\d{12}$`), a.ID)
		assert.Regexp(t, regexp.MustCompile(`^AKIA[A-Z0-9]{16}$`), a.AccessKeyID)
		assert.Regexp(t, regexp.MustCompile(`^[a-z0-9-]+$`), a.Name)
		ids[a.ID], keys[a.AccessKeyID] = true, true
		for _, group := range a.LogGroups {
			assert.Regexp(t, regexp.MustCompile(`^[\.\-_/#A-Za-z0-9]+$`), group.Name)
		}
	}
	assert.Len(t, ids, len(org.Accounts))
	assert.Len(t, keys, len(org.Accounts))

	twins := map[string][]string{}
	for _, trail := range org.Account("data-platform").Trails {
		twins[trail.Name] = append(twins[trail.Name], trail.HomeRegion)
	}
	assert.Equal(t, map[string][]string{"lake-events": {"us-east-1", "eu-south-1"}}, twins)

	siem := org.TrailARN("333344445555", "us-east-1", "siem-direct")
	for glob, reason := range sample.DemoExempt {
		matched, err := filepath.Match(strings.ReplaceAll(glob, "/", "|"), strings.ReplaceAll(siem, "/", "|"))
		require.NoError(t, err)
		assert.True(t, matched)
		assert.NotEmpty(t, reason)
	}

	// Times move along with now, and nothing else does.
	later := sample.Demo(noon.Add(90 * time.Minute))
	assert.Equal(t, 90*time.Minute, later.Accounts[0].Trails[0].Status.LatestDelivery.Sub(org.Accounts[0].Trails[0].Status.LatestDelivery))
	assert.Equal(t, len(org.Accounts), len(later.Accounts))

	// The partner's log group has a namesake in the account that delivers to it.
	page, err := as(t, s, org.Account("partner-integration"), "us-west-2").logs.DescribeLogGroups(t.Context(), nil)
	require.NoError(t, err)
	assert.Equal(t, []string{"shared/cloudtrail"}, groupNames(page.LogGroups))
}

// TestDemoRoles assumes both roles in every account from the management and the security account.
func TestDemoRoles(t *testing.T) {
	org := sample.Demo(time.Now())
	s := serve(t, org)
	for _, from := range []string{"acme-management", "acme-security"} {
		c := as(t, s, org.Account(from), "us-east-1")
		for _, a := range org.Accounts {
			for _, role := range []string{"OrganizationAccountAccessRole", "ctcw-audit"} {
				in := &sts.AssumeRoleInput{RoleArn: aws.String(org.RoleARN(a.ID, role)), RoleSessionName: aws.String("demo")}
				want := ""
				switch {
				case a.Name == "acme-management", a.Name == "intranet-2014":
					want = "AccessDenied"
				case a.Name == "partner-integration" && role == "ctcw-audit":
					_, err := c.sts.AssumeRole(t.Context(), in)
					assert.Equal(t, "AccessDenied", code(err), "without the external id")
					in.ExternalId = aws.String("acme-audit")
				}
				_, err := c.sts.AssumeRole(t.Context(), in)
				assert.Equal(t, want, code(err), "%s from %s", *in.RoleArn, from)
			}
		}
	}
	_, err := as(t, s, org.Account("payments-prod"), "us-east-1").sts.AssumeRole(t.Context(), &sts.AssumeRoleInput{
		RoleArn: aws.String(org.RoleARN("444455556666", "ctcw-audit")), RoleSessionName: aws.String("demo"),
	})
	assert.Equal(t, "AccessDenied", code(err))
}

func TestLarge(t *testing.T) {
	org := sample.Large(30, 2, noon)
	s := serve(t, org)
	top := as(t, s, org.Accounts[0], "us-east-1")
	last := org.Accounts[29]
	out, err := top.sts.AssumeRole(t.Context(), &sts.AssumeRoleInput{
		RoleArn: aws.String(org.RoleARN(last.ID, "ctcw-audit")), RoleSessionName: aws.String("bench"),
	})
	require.NoError(t, err)
	c := with(t, s, "eu-west-3", credentials.NewStaticCredentialsProvider(
		*out.Credentials.AccessKeyId, *out.Credentials.SecretAccessKey, *out.Credentials.SessionToken))
	trails, err := c.trail.DescribeTrails(t.Context(), nil)
	require.NoError(t, err)
	assert.Equal(t, []string{"trail-1", "trail-2"}, names(trails.TrailList))
	assert.Contains(t, *trails.TrailList[0].TrailARN, last.ID)
	assert.Empty(t, sample.Large(0, 1, noon).Accounts)
}

func TestLargeOrganizationTrail(t *testing.T) {
	org := sample.LargeOrganizationTrail(130, noon)
	s := serve(t, org)
	for _, i := range []int{0, 129} {
		trails, err := as(t, s, org.Accounts[i], "eu-west-3").trail.DescribeTrails(t.Context(), nil)
		require.NoError(t, err)
		assert.Equal(t, []string{"organization"}, names(trails.TrailList))
	}
	top := as(t, s, org.Accounts[0], "us-east-1")
	group := aws.String("cloudtrail/organization")
	var sizes []int
	unique := map[string]bool{}
	pages := cloudwatchlogs.NewDescribeLogStreamsPaginator(top.logs, &cloudwatchlogs.DescribeLogStreamsInput{LogGroupName: group})
	for pages.HasMorePages() {
		page, err := pages.NextPage(t.Context())
		require.NoError(t, err)
		sizes = append(sizes, len(page.LogStreams))
		for _, name := range streamNames(page.LogStreams) {
			unique[name] = true
		}
	}
	assert.Equal(t, []int{50, 50, 50, 50, 50, 10}, sizes)
	assert.Len(t, unique, 260)
	assert.Contains(t, unique, "o-largesample_"+org.Accounts[129].ID+"_CloudTrail_us-east-1")
	assert.Contains(t, unique, "o-largesample_"+org.Accounts[129].ID+"_CloudTrail_us-east-1_2")
	filters, err := top.logs.DescribeMetricFilters(t.Context(), &cloudwatchlogs.DescribeMetricFiltersInput{LogGroupName: group})
	require.NoError(t, err)
	assert.Len(t, filters.MetricFilters, 15)
	assert.Empty(t, sample.LargeOrganizationTrail(0, noon).Accounts)
}

// TestCommandLine runs the real aws command line against the server.
func TestCommandLine(t *testing.T) {
	command, err := exec.LookPath("aws")
	if err != nil {
		t.Skip("the aws command line is not installed")
	}
	org := sample.Demo(time.Now())
	s := serve(t, org)
	file := filepath.Join(t.TempDir(), "credentials")
	require.NoError(t, os.WriteFile(file, []byte(s.CredentialsFile()), 0o600))
	// Nothing of the user's own setup may get in: with it the command line might talk to the real AWS.
	environment := slices.DeleteFunc(os.Environ(), func(variable string) bool { return strings.HasPrefix(variable, "AWS_") })
	environment = append(environment, "AWS_SHARED_CREDENTIALS_FILE="+file, "AWS_CONFIG_FILE="+os.DevNull,
		"AWS_EC2_METADATA_DISABLED=true", "AWS_PAGER=")

	tests := []struct {
		name, arguments string
		want            []string
	}{
		{"trails", "--endpoint-url " + s.URL() + " --profile payments-prod --region eu-central-1 cloudtrail describe-trails",
			[]string{"payments-data-events", "acme-organization", "payments/cloudtrail-data-events:*"}},
		{"status and endpoint of the profile", "--profile payments-staging cloudtrail get-trail-status --name payments-audit",
			[]string{`"IsLogging": false`, `"StopLoggingTime"`}},
		{"denied", "--profile hr-records cloudtrail describe-trails",
			[]string{"(AccessDeniedException)", "with an explicit deny in a service control policy"}},
		{"log groups", "--profile storefront-prod logs describe-log-groups --log-group-name-prefix storefront/cloudtrail",
			[]string{`"storefront/cloudtrail-archive"`, `"retentionInDays": 400`}},
		{"role", "--profile acme-management sts assume-role --role-session-name cli --external-id acme-audit " +
			"--role-arn arn:aws:iam::131313131313:role/ctcw-audit", []string{`"ASIASAMP`, "assumed-role/ctcw-audit/cli"}},
		{"regions", "--profile data-platform ec2 describe-regions --filters Name=opt-in-status,Values=opted-in --query Regions[].RegionName",
			[]string{"ap-southeast-3", "eu-south-1"}},
		{"selectors", "--profile acme-management cloudtrail get-event-selectors --trail-name acme-organization",
			[]string{`"IncludeManagementEvents": true`, `"ReadWriteType": "All"`}},
		{"metric filters", "--profile acme-management logs describe-metric-filters --filter-name-prefix root " +
			"--log-group-name aws-cloudtrail-logs-111122223333-acme", []string{`"metricNamespace": "CIS"`}},
		{"log streams", "--profile acme-management logs describe-log-streams --log-group-name aws-cloudtrail-logs-111122223333-acme",
			[]string{`"o-acmesample1_171717171717_CloudTrail_us-east-1"`, `"storedBytes": 0`}},
		{"alarms", "--profile acme-management cloudwatch describe-alarms", []string{`"AlarmName": "root"`, `"CompositeAlarms": []`}},
		{"mute rules", "--profile acme-management cloudwatch list-alarm-mute-rules --alarm-name root", []string{"alarm-mute-rule:nights", "RECURRING"}},
		{"missing mute rule", "--profile acme-management cloudwatch get-alarm-mute-rule --alarm-mute-rule-name gone",
			[]string{"(ResourceNotFoundException)", "The alarm mute rule gone does not exist."}},
		{"topic", "--profile acme-management sns get-topic-attributes --topic-arn arn:aws:sns:us-east-1:111122223333:security",
			[]string{`"SubscriptionsConfirmed": "2"`}},
		{"topic that is gone", "--profile acme-management sns get-topic-attributes --topic-arn arn:aws:sns:us-east-1:111122223333:gone",
			[]string{"(NotFound)", "Topic does not exist"}},
		{"accounts", "--profile acme-security organizations list-accounts --query length(Accounts)", []string{"18"}},
	}
	top := org.Account("acme-management")
	s.Update(func(o *sample.Organization) {
		group := top.LogGroups[0]
		group.MetricFilters = []*sample.MetricFilter{{Name: "root", Pattern: `{ $.userIdentity.type = "Root" }`, Metric: sample.Metric{Namespace: "CIS", Name: "Root"}}}
		group.Streams = []sample.Stream{{Name: "o-acmesample1_171717171717_CloudTrail_us-east-1"}}
		top.Alarms = []*sample.Alarm{{Name: "root", Region: "us-east-1", Namespace: "CIS", MetricName: "Root", Threshold: 1}}
		top.MuteRules = []*sample.MuteRule{{Name: "nights", Region: "us-east-1", Alarms: []string{"root"}, Expression: "cron(0 22 * * *)", Duration: "PT8H"}}
		top.Topics = []*sample.Topic{{Name: "security", Region: "us-east-1", Confirmed: 2}}
	})
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel() // the command line takes a second to start
			cli := exec.CommandContext(t.Context(), command, strings.Fields(test.arguments)...)
			cli.Env = environment
			// A denial is output too, so the exit status says nothing.
			output, _ := cli.CombinedOutput()
			for _, want := range test.want {
				assert.Contains(t, string(output), want)
			}
		})
	}
}
