package sample

import (
	"slices"
	"strings"
	"time"
)

// monitoring adds what comes after the log group: event selectors, metric filters, alarms and topics of which each kind is broken
// somewhere, and the log streams in which events arrive.
func (d *demo) monitoring() {
	d.organizationAlarms()
	d.teamAlarms()
	d.organizationStreams()
	d.teamStreams()
}

// of finds an account of the demo, and the trail and log group of it that have these names.
func (d *demo) of(account, trail, group string) (*Account, *Trail, *LogGroup) {
	a := d.org.Account(account)
	t := a.Trails[slices.IndexFunc(a.Trails, func(t *Trail) bool { return t.Name == trail })]
	g := a.LogGroups[slices.IndexFunc(a.LogGroups, func(g *LogGroup) bool { return g.Name == group })]
	return a, t, g
}

// monitor makes a whole chain.
func (d *demo) monitor(a *Account, g *LogGroup) *Monitoring {
	m := d.org.Monitor(a, g, d.now)
	g.MetricFilterCount = 0 // as many as there are
	m.Topic.DisplayName = "Security alarms"
	return m
}

// organizationGroup is the log group of the organization trail.
const organizationGroup = "aws-cloudtrail-logs-111122223333-acme"

// organizationAlarms breaks the organization trail's chains, each class of events in its own way.
func (d *demo) organizationAlarms() {
	a, t, g := d.of("acme-management", "acme-organization", organizationGroup)
	m := d.monitor(a, g)
	m.Topic.Confirmed = 3
	without := func(pattern, event string) string {
		return strings.Replace(pattern, " || ($.eventName = "+event+")", "", 1)
	}

	// Only EC2 words a denial like this.
	m.Filters["unauthorized_api_calls"].Pattern = `{ $.errorCode = "*UnauthorizedOperation" }`

	// The metric alarm itself does nothing, a composite alarm acts for it.
	signIn := m.Alarms["console_sign_in_without_mfa"]
	a.CompositeAlarms = append(a.CompositeAlarms, &CompositeAlarm{
		Name: "console-sign-ins", Region: g.Region, Rule: `ALARM("` + signIn.Name + `")`, AlarmActions: signIn.AlarmActions,
		Description: "Someone signed in without MFA", StateUpdated: signIn.StateUpdated, Updated: signIn.Updated,
	})
	signIn.AlarmActions = nil

	// One event was forgotten.
	m.Filters["iam_policy_changes"].Pattern = without(m.Filters["iam_policy_changes"].Pattern, "AttachRolePolicy")

	// Shorter than what CIS writes, and as good.
	m.Filters["cloudtrail_changes"].Pattern = `{ $.eventName = "*Trail" || $.eventName = "*Logging" }`

	// Someone had enough of the mails.
	m.Alarms["console_authentication_failures"].ActionsDisabled = true

	// KMS was left out of the trail, to save money.
	t.CustomEventSelectors = true
	t.EventSelectors = []EventSelector{{IncludeManagementEvents: true, ExcludeManagementEventSources: []string{"kms.amazonaws.com"}}}

	// The alarm watches a metric of the same name in another namespace.
	m.Alarms["s3_bucket_policy_changes"].Namespace = "CISBenchmark"

	// Restarting an instance tells nobody.
	m.Alarms["config_changes"].AlarmActions = []string{"arn:aws:automate:us-east-1:ec2:reboot"}

	// Two filters cover the events together, but for the one that CIS asks for since v5.0.0.
	groups := m.Filters["security_group_changes"]
	groups.Pattern = events("", `AuthorizeSecurityGroupIngress AuthorizeSecurityGroupEgress RevokeSecurityGroupIngress RevokeSecurityGroupEgress`)
	more := *groups
	more.Name = "security_group_changes_2"
	more.Pattern = events("", "CreateSecurityGroup DeleteSecurityGroup")
	g.MetricFilters = append(g.MetricFilters, &more)

	// Nobody has confirmed the subscription.
	a.Topics = append(a.Topics, &Topic{Name: "network-team", Region: g.Region, Pending: 1})
	m.Alarms["nacl_changes"].AlarmActions = []string{d.org.TopicARN(a.ID, g.Region, "network-team")}

	// There is no filter. A log alarm watches something about the log group, which cannot be judged.
	m.remove(a, g, "network_gateway_changes")
	a.LogAlarms = append(a.LogAlarms, &LogAlarm{
		Name: "network-gateways", Region: g.Region, LogGroups: []string{g.Name}, Threshold: 1, AlarmActions: wholeActions(m),
		Query: "filter eventSource = 'ec2.amazonaws.com' and eventName like /Gateway/", StateUpdated: signIn.StateUpdated, Updated: signIn.Updated,
	})

	// An expression is alarmed rather than the metric.
	routes := m.Alarms["route_table_changes"]
	routes.Metrics = []MetricQuery{
		{ID: "total", Expression: "FILL(changes, 0)", Label: "Changes of route tables", ReturnData: true},
		{ID: "changes", Namespace: routes.Namespace, MetricName: routes.MetricName},
	}
	routes.Namespace, routes.MetricName = "", ""

	// It is muted for the migration of the network.
	a.MuteRules = append(a.MuteRules, &MuteRule{
		Name: "network-migration", Region: g.Region, Description: "CHG-20117", Alarms: []string{m.Alarms["vpc_changes"].Name},
		Expression: "at(" + d.now.Add(-2*time.Hour).UTC().Format("2006-01-02T15:04") + ")", Duration: "P2D",
		Start: d.now.Add(-2 * time.Hour), Expire: d.now.Add(46 * time.Hour), Updated: d.now.Add(-26 * time.Hour),
	})

	// One of its two topics is gone.
	organizations := m.Alarms["organizations_changes"]
	organizations.AlarmActions = append([]string{d.org.TopicARN(a.ID, g.Region, "soc-2019")}, organizations.AlarmActions...)
}

// wholeActions are the actions of an alarm that is whole.
func wholeActions(m *Monitoring) []string { return m.Alarms["root_usage"].AlarmActions }

// remove takes the filter and the alarm of a class away again.
func (m *Monitoring) remove(a *Account, g *LogGroup, class string) {
	filter, alarm := m.Filters[class], m.Alarms[class]
	g.MetricFilters = slices.DeleteFunc(g.MetricFilters, func(f *MetricFilter) bool { return f == filter })
	a.Alarms = slices.DeleteFunc(a.Alarms, func(a *Alarm) bool { return a == alarm })
	delete(m.Filters, class)
	delete(m.Alarms, class)
}

// teamAlarms adds what hangs on the log groups of single accounts.
func (d *demo) teamAlarms() {
	// All of it is right. One alarm calls a function instead of sending mail, one filter is written in another way.
	a, _, g := d.of("payments-prod", "payments-audit", "payments/cloudtrail")
	m := d.monitor(a, g)
	m.Alarms["root_usage"].AlarmActions = []string{"arn:aws:lambda:us-east-1:" + a.ID + ":function:page-on-call"}
	// Who mistypes a password is not reported at once.
	m.Alarms["console_authentication_failures"].Threshold = 3
	m.Filters["kms_key_deletion"].Pattern = `{($.eventName="ScheduleKeyDeletion"||$.eventName="DisableKey")&&$.eventSource="kms.*"}`

	// The other trail covers one region only and records no reads.
	_, t, _ := d.of("payments-prod", "payments-data-events", "payments/cloudtrail-data-events")
	t.EventSelectors = []EventSelector{{
		ReadWriteType: "WriteOnly", IncludeManagementEvents: true,
		DataResources: []DataResource{{Type: "AWS::S3::Object", Values: []string{"arn:aws:s3:::payments-ledger/"}}},
	}}

	// One composite alarm acts for all, and is suppressed.
	a, t, g = d.of("acme-security", "security-audit", "/acme/audit.trail/Security_Events#v2-main")
	m = d.monitor(a, g)
	var rule []string
	for _, class := range EventClasses() {
		rule = append(rule, `ALARM("`+m.Alarms[class].Name+`")`)
	}
	anything := &CompositeAlarm{
		Name: "anything", Region: g.Region, Rule: strings.Join(rule, " OR "), AlarmActions: wholeActions(m),
		Suppressor: "maintenance", SuppressorWaitSeconds: 120, SuppressorExtensionSeconds: 180,
		SuppressedBy: "Alarm", SuppressedReason: "Actions suppressed by maintenance",
		StateUpdated: d.now.Add(-3 * time.Hour), Updated: d.now.AddDate(0, -2, 0),
	}
	for _, alarm := range m.Alarms {
		alarm.AlarmActions = nil
	}
	a.CompositeAlarms = append(a.CompositeAlarms, anything)
	a.Alarms = append(a.Alarms, &Alarm{
		Name: "maintenance", Region: g.Region, Namespace: "Acme/Operations", MetricName: "Maintenance", Statistic: "Maximum",
		Threshold: 1, State: "ALARM", StateUpdated: d.now.Add(-3 * time.Hour), Updated: d.now.AddDate(0, -2, 0),
	})
	// In one region nothing arrives, which the home region does not know.
	failing := t.Status
	failing.LatestCloudWatchLogsDelivery = d.now.Add(-52 * time.Hour)
	failing.LatestCloudWatchLogsError = "AccessDenied"
	t.RegionStatus = map[string]Status{"ap-southeast-2": failing}

	// The topic that the alarms notify was deleted. One filter is as CIS published it in v1.3.0 to v1.5.0: nearly every event
	// matches.
	a, _, g = d.of("mobile-backend", "mobile-audit", "mobile_backend-trail")
	m = d.monitor(a, g)
	a.Topics = slices.DeleteFunc(a.Topics, func(t *Topic) bool { return t == m.Topic })
	m.Filters["unauthorized_api_calls"].Pattern = `{ ($.errorCode = "*UnauthorizedOperation") || ($.errorCode = "AccessDenied*") || ` +
		`($.sourceIPAddress!="delivery.logs.amazonaws.com") || ($.eventName!="HeadBucket") }`

	// All of it is right, and cannot be read.
	a, _, g = d.of("analytics-prod", "analytics-audit", "analytics/cloudtrail")
	d.monitor(a, g)
	a.Denied = append(a.Denied, Denial{Action: "cloudwatch:DescribeAlarms"})

	// All of it is right, but for the trail.
	for account, names := range map[string][2]string{
		"payments-staging":   {"payments-audit", "payments/cloudtrail"},
		"finance-reporting":  {"finance-audit", "finance/cloudtrail"},
		"warehouse-acquired": {"warehouse-trail", "warehouse/cloudtrail"},
		"courier-acquired":   {"courier-trail", "courier/cloudtrail"},
	} {
		a, _, g = d.of(account, names[0], names[1])
		d.monitor(a, g)
	}
}

// organizationStreams adds the streams in which the organization trail's events arrive.
func (d *demo) organizationStreams() {
	_, t, g := d.of("acme-management", "acme-organization", organizationGroup)
	home, second := "us-east-1", "eu-west-1"
	for _, a := range d.org.Accounts {
		regions := []string{home, second}
		switch {
		case a.Standalone, a.BeforeOrganizationTrails, a.Status == statusSuspended:
			continue
		case a.Name == "sandbox-alice":
			continue // the trail never reached it
		case a.Name == "data-platform":
			regions = append(regions, "ap-southeast-3", "eu-south-1")
		}
		streams := d.org.Arrive(t, g, d.now, []string{a.ID}, regions)
		switch a.Name {
		case "legacy-erp": // quiet, and one region longer than the other
			d.last(&streams[0], 53*time.Hour)
			d.last(&streams[1], 9*24*time.Hour)
		case "storefront-staging": // nobody works in the second region
			d.last(&streams[1], 30*time.Hour)
		}
	}
	add := func(name string, ago time.Duration) {
		s := Stream{Name: name, Created: d.now.AddDate(-1, -6, 0), FirstEvent: d.now.AddDate(-1, -6, 0)}
		d.last(&s, ago)
		g.Streams = append(g.Streams, s)
	}
	// Accounts with much to tell have several streams.
	add(d.org.StreamName(t, demoManagement, home, 2), 8*time.Minute)
	add(d.org.StreamName(t, demoManagement, home, 3), 20*24*time.Hour)
	add(d.org.StreamName(t, "888899990000", home, 2), 11*time.Minute)
	// Before it was an organization trail it was one of the management account alone.
	add(d.org.StreamName(&Trail{}, demoManagement, home, 1), 400*24*time.Hour)
	// One account was closed, another one has left the organization.
	add(d.org.StreamName(t, "202020202020", home, 1), 210*24*time.Hour)
	add(d.org.StreamName(t, "212121212121", home, 1), 120*24*time.Hour)
	// Not CloudTrail's.
	add("test-from-console", 300*24*time.Hour)
	// One in which nothing has arrived yet.
	g.Streams = append(g.Streams, Stream{Name: d.org.StreamName(t, "131313131313", "ca-central-1", 1), Created: d.now.Add(-3 * time.Minute)})
}

// last lets the latest event of a stream be that long ago.
func (d *demo) last(s *Stream, ago time.Duration) {
	s.LastEvent = d.now.Add(-ago)
	s.LastIngest = s.LastEvent.Add(5 * time.Minute)
}

// teamStreams adds a stream for each log group of a single account into which something was delivered, until the time that the
// trail tells.
func (d *demo) teamStreams() {
	for _, a := range d.org.Accounts {
		for _, t := range a.Trails {
			i := slices.IndexFunc(a.LogGroups, func(g *LogGroup) bool {
				return t.CloudWatchLogsLogGroupARN == d.org.LogGroupARN(a.ID, g.Region, g.Name)
			})
			if i < 0 || t.Organization || t.Status.LatestCloudWatchLogsDelivery.IsZero() {
				continue
			}
			streams := d.org.Arrive(t, a.LogGroups[i], d.now, []string{a.ID}, []string{t.HomeRegion})
			d.last(&streams[0], d.now.Sub(t.Status.LatestCloudWatchLogsDelivery)+3*time.Minute)
		}
	}
}
