package sample

import "time"

// Accounts of the demo that something else refers to.
const (
	demoManagement = "111122223333"
	demoSecurity   = "222233334444"
	demoArchive    = "333344445555"
	// demoPartner is an account of another company, which the server does not serve.
	demoPartner = "606060606060"
)

// DemoApart is the account of the demo that is to be asked with its own credentials only, so that the organization trail is seen
// as a member sees it who cannot ask the trail's owner.
const DemoApart = "171717171717"

// DemoExempt are the trails of the demo that need no log group, by ARN glob, with the reason: what to give to the exempt argument
// of a connection.
var DemoExempt = map[string]string{
	"arn:aws:cloudtrail:*:" + demoArchive + ":trail/siem-direct": "The SIEM reads this trail from S3 and alerts on it (SEC-1482)",
}

// Demo is a company of about twenty accounts whose trails show everything that can be right or wrong with them. Ids and names
// are always the same, and times are relative to now.
func Demo(now time.Time) *Organization {
	d := &demo{now: now, org: &Organization{
		ID:              "o-acmesample1",
		Management:      demoManagement,
		DelegatedAdmins: []string{demoSecurity},
	}}
	d.delivering()
	d.failing()
	d.unreadable()
	d.withoutTrail()
	d.acquired()
	d.monitoring()
	return d.org
}

// demo builds the demo organization.
type demo struct {
	org *Organization
	now time.Time
}

// delivering adds the accounts in which trails deliver, or need not.
func (d *demo) delivering() {
	management := d.account(demoManagement, "acme-management")
	management.Roles = nil // there is no account above it
	t := d.trail(management, "acme-organization", "us-east-1")
	t.Organization = true
	t.KMSKeyID = "arn:aws:kms:us-east-1:" + demoManagement + ":key/3f0c2a51-9d1e-4b7a-8c55-0a4b7e9d2c10"
	t.SNSTopicARN = "arn:aws:sns:us-east-1:" + demoManagement + ":acme-organization-trail"
	t.Status.LatestNotification = t.Status.LatestDelivery
	t.Tags = map[string]string{"owner": "platform-security", "cost-center": "1100", "data-classification": "restricted"}
	d.logTo(t, management, "aws-cloudtrail-logs-111122223333-acme", 365)

	// The events never expire, and the name has every character that a log group's name may have.
	security := d.account(demoSecurity, "acme-security")
	t = d.trail(security, "security-audit", "eu-west-1")
	t.Tags = map[string]string{"owner": "platform-security"}
	d.logTo(t, security, "/acme/audit.trail/Security_Events#v2-main", 0)

	// DemoExempt is about this one.
	archive := d.account(demoArchive, "acme-log-archive")
	t = d.trail(archive, "siem-direct", "us-east-1")
	t.Tags = map[string]string{"owner": "soc", "ticket": "SEC-1482"}

	// One log group is kept long enough, the other only for a month.
	payments := d.account("444455556666", "payments-prod")
	t = d.trail(payments, "payments-audit", "us-east-1")
	t.InsightSelectors = true
	t.Tags = map[string]string{"owner": "payments", "pci": "in-scope"}
	d.logTo(t, payments, "payments/cloudtrail", 365)
	t = d.trail(payments, "payments-data-events", "eu-central-1")
	t.MultiRegion, t.CustomEventSelectors = false, true
	d.logTo(t, payments, "payments/cloudtrail-data-events", 30)

	// The log group is in an account of another company. The local one of the same name is a different thing.
	partner := d.account("131313131313", "partner-integration")
	partner.Roles[1].ExternalID = "acme-audit"
	t = d.trail(partner, "partner-feed", "us-west-2")
	d.logTo(t, partner, "shared/cloudtrail", 1)
	t.CloudWatchLogsLogGroupARN = d.org.LogGroupARN(demoPartner, "us-west-2", "shared/cloudtrail")
}

// failing adds the accounts in which something about the delivery to CloudWatch Logs is wrong.
func (d *demo) failing() {
	// Someone stopped the trail twenty minutes ago, so the last delivery is still fresh.
	staging := d.account("555566667777", "payments-staging")
	t := d.trail(staging, "payments-audit", "us-east-1")
	d.logTo(t, staging, "payments/cloudtrail", 365)
	t.Status.Logging = false
	t.Status.StopLogging = d.now.Add(-20 * time.Minute)
	t.Status.LatestDelivery = d.now.Add(-22 * time.Minute)
	t.Status.LatestCloudWatchLogsDelivery = d.now.Add(-21 * time.Minute)

	// The log group was deleted, and another one's name begins like its.
	store := d.account("666677778888", "storefront-prod")
	t = d.trail(store, "storefront-audit", "us-east-1")
	d.logTo(t, store, "storefront/cloudtrail-archive", 400)
	t.CloudWatchLogsLogGroupARN = d.org.LogGroupARN(store.ID, "us-east-1", "storefront/cloudtrail")

	// Set up with a role that may not write: nothing ever arrived in CloudWatch Logs, while S3 gets everything.
	storeStaging := d.account("777788889999", "storefront-staging")
	t = d.trail(storeStaging, "storefront-audit", "us-east-1")
	d.logTo(t, storeStaging, "storefront/cloudtrail", 365)
	t.Status.LatestCloudWatchLogsDelivery = time.Time{}
	t.Status.LatestCloudWatchLogsError = "AccessDenied"

	// Two trails of the same name in two regions, one of them an opt-in region.
	data := d.account("888899990000", "data-platform")
	data.Regions = append(DefaultRegions("aws"), "ap-southeast-3", "eu-south-1")
	t = d.trail(data, "lake-events", "us-east-1")
	d.logTo(t, data, "/data/lake-events", 365)
	t.Status.LatestCloudWatchLogsDelivery = d.ago(9)
	t = d.trail(data, "lake-events", "eu-south-1")
	t.MultiRegion = false
	d.logTo(t, data, "/data/lake-events", 731)

	// The bucket and the role went away together a month ago. A service control policy keeps everyone out of one region.
	legacy := d.account("999900001111", "legacy-erp")
	legacy.Denied = []Denial{{Action: "cloudtrail:DescribeTrails", Region: "sa-east-1", SCP: true}}
	t = d.trail(legacy, "erp-trail", "eu-west-1")
	t.EmptyStrings = true
	d.logTo(t, legacy, "erp-trail", 90)
	t.Status.LatestDelivery = d.ago(31)
	t.Status.LatestDeliveryError = "NoSuchBucket"
	t.Status.LatestDigestDelivery = d.ago(31)
	t.Status.LatestDigestDeliveryError = "NoSuchBucket"
	t.Status.LatestCloudWatchLogsDelivery = d.ago(31)
	t.Status.LatestCloudWatchLogsError = "AccessDenied"

	// It delivers, but not everything. It was stopped once, and AWS remembers.
	mobile := d.account("101010101010", "mobile-backend")
	t = d.trail(mobile, "mobile-audit", "us-west-2")
	t.Tags = map[string]string{"owner": "mobile"}
	d.logTo(t, mobile, "mobile_backend-trail", 545)
	t.Status.StopLogging = d.now.AddDate(0, -3, 0)
	t.Status.StartLogging = t.Status.StopLogging.Add(7 * time.Minute)
	t.Status.LatestCloudWatchLogsError = "ThrottlingException: Rate exceeded"

	// Nobody set a log group: AWS leaves it out of the answer for one trail and returns "" for the other.
	sandbox := d.account("121212121212", "sandbox-alice")
	d.trail(sandbox, "sandbox-trail", "us-east-1")
	t = d.trail(sandbox, "alice-test", "eu-west-1")
	t.MultiRegion, t.EmptyStrings = false, true
}

// unreadable adds the accounts in which something may not be read.
func (d *demo) unreadable() {
	// No region can be listed.
	records := d.account("141414141414", "hr-records")
	records.Denied = []Denial{{Action: "cloudtrail:*", SCP: true}}
	d.logTo(d.trail(records, "hr-audit", "eu-central-1"), records, "hr/cloudtrail", 3653)

	// The trail is there, its status is not.
	finance := d.account("151515151515", "finance-reporting")
	finance.Denied = []Denial{{Action: "cloudtrail:GetTrailStatus"}}
	d.logTo(d.trail(finance, "finance-audit", "us-east-1"), finance, "finance/cloudtrail", 365)

	// Whether the log group exists cannot be told.
	analytics := d.account("161616161616", "analytics-prod")
	analytics.Denied = []Denial{{Action: "logs:DescribeLogGroups"}}
	analytics.OrganizationTrailStatus = StatusForeignARN
	d.logTo(d.trail(analytics, "analytics-audit", "us-east-1"), analytics, "analytics/cloudtrail", 365)

	// It has only the organization trail, whose status it may not read.
	legal := d.account(DemoApart, "legal-archive")
	legal.OrganizationTrailStatus = StatusNotFound
}

// withoutTrail adds the accounts that see no trail at all.
func (d *demo) withoutTrail() {
	// Joined a moment ago.
	robotics := d.account("181818181818", "robotics-lab")
	robotics.Joined = d.now.Add(-12 * time.Minute)
	robotics.BeforeOrganizationTrails = true

	// Bought, and not yet in the organization.
	d.standalone("191919191919", "fieldkit-acquired")

	// Closed.
	d.account("202020202020", "intranet-2014").Status = statusSuspended
}

// acquired adds accounts outside the organization: no organization trail makes up for what is wrong with their own.
func (d *demo) acquired() {
	// The trail covers one region only.
	warehouse := d.standalone("232323232323", "warehouse-acquired")
	t := d.trail(warehouse, "warehouse-trail", "eu-west-1")
	t.MultiRegion = false
	d.logTo(t, warehouse, "warehouse/cloudtrail", 400)

	// Nothing has arrived for two days, and S3 gets everything.
	courier := d.standalone("242424242424", "courier-acquired")
	t = d.trail(courier, "courier-trail", "us-east-1")
	d.logTo(t, courier, "courier/cloudtrail", 365)
	t.Status.LatestCloudWatchLogsDelivery = d.now.Add(-50 * time.Hour)
}

// standalone adds an account outside the organization.
func (d *demo) standalone(id, name string) *Account {
	a := d.account(id, name)
	a.Standalone = true
	for i := range a.Roles {
		a.Roles[i].TrustedAccounts = []string{demoManagement, demoSecurity}
	}
	return a
}

// ago is a time somewhat more than so many days ago, so that nobody reads a day less while the demo runs.
func (d *demo) ago(days int) time.Time {
	return d.now.Add(-time.Duration(days)*24*time.Hour - 20*time.Minute)
}

// account adds an account with the two roles that the auditors use.
func (d *demo) account(id, name string) *Account {
	a := &Account{
		ID:     id,
		Name:   name,
		Joined: d.now.AddDate(-4, 0, 0),
		Roles:  []Role{{Name: "OrganizationAccountAccessRole"}, {Name: "ctcw-audit"}},
	}
	d.org.Accounts = append(d.org.Accounts, a)
	return a
}

// trail adds a multi-region trail that is well but for having no log group.
func (d *demo) trail(a *Account, name, homeRegion string) *Trail {
	t := &Trail{
		Name:                       name,
		HomeRegion:                 homeRegion,
		MultiRegion:                true,
		S3BucketName:               "acme-cloudtrail-" + a.ID,
		IncludeGlobalServiceEvents: true,
		LogFileValidation:          true,
		Status:                     Healthy(d.now),
	}
	t.Status.LatestCloudWatchLogsDelivery = time.Time{}
	a.Trails = append(a.Trails, t)
	return t
}

// logTo adds a log group in the trail's home region and lets the trail deliver to it.
func (d *demo) logTo(t *Trail, a *Account, name string, retention int32) {
	a.LogGroups = append(a.LogGroups, &LogGroup{
		Name:              name,
		Region:            t.HomeRegion,
		RetentionInDays:   retention,
		KMSKeyID:          t.KMSKeyID,
		Created:           d.now.AddDate(-2, 0, 0),
		StoredBytes:       int64(len(name)) << 30,
		MetricFilterCount: 3,
	})
	t.CloudWatchLogsLogGroupARN = d.org.LogGroupARN(a.ID, t.HomeRegion, name)
	t.CloudWatchLogsRoleARN = d.org.RoleARN(a.ID, "CloudTrail_CloudWatchLogs")
	t.Status.LatestCloudWatchLogsDelivery = Healthy(d.now).LatestCloudWatchLogsDelivery
}
