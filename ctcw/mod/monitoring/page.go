package monitoring

import (
	"fmt"
	"slices"
	"strings"

	"github.com/ctcw/steampipe-plugin-ctcw/ctcw/verdict/alarm"
	"github.com/ctcw/steampipe-plugin-ctcw/ctcw/verdict/event"
)

// page is what the documentation of a class says.
type page struct {
	*event.Class
	Why      string
	Unsound  []string // CIS's own patterns that cannot be used, and what is wrong with them
	Events   string   // what a filter must match
	Versions string   // which versions have it, and as which item
	Levels   string
	Name     string // of the filter and the alarm, as the column remediation names them
	Statuses []alarm.Status
	V500     string // the query of v5.0.0 and later where it is another
	Named    string
	Gone     string
	SQL      string
}

func pageOf(n int, c *event.Class) page {
	p := page{
		Class: c, Why: whys[c.Name], Unsound: unsound[c.Name], Name: "ctcw-" + strings.ReplaceAll(c.Name, "_", "-"),
		Statuses: alarm.Statuses,
		Events:   code(c.Names(event.Required)),
		Named:    code(c.Names(event.Named)), Gone: code(c.Names(event.Gone)),
	}
	if named(c) {
		p.V500 = queryOf(c, allEvents)
	}
	p.Versions = items(c)
	p.Levels = levels(n)
	return p
}

// items says which item it is in which versions, as "3.4 in v1.2.0, 4.4 in v1.3.0 to v5.0.0, 5.4 in v6.0.0".
func items(c *event.Class) string {
	return runs(func(version string) string { return c.Items[version] })
}

func levels(n int) string {
	return runs(func(version string) string {
		if n == 15 && version == "v1.2.0" {
			return ""
		}
		return "level " + level(n, version) + ", " + kind(n, version)
	})
}

// runs joins the versions that follow one another and have the same value; those without one are left out.
func runs(value func(version string) string) string {
	var list []string
	for i := 0; i < len(event.Versions); {
		first, of := event.Versions[i], value(event.Versions[i])
		last := first
		for i++; i < len(event.Versions) && value(event.Versions[i]) == of; i++ {
			last = event.Versions[i]
		}
		switch {
		case of == "":
		case first == last:
			list = append(list, fmt.Sprintf("%s in %s", of, first))
		default:
			list = append(list, fmt.Sprintf("%s in %s to %s", of, first, last))
		}
	}
	return strings.Join(list, "; ")
}

func code(names []string) string {
	names = slices.Clone(names)
	for i, n := range names {
		names[i] = "`" + n + "`"
	}
	return strings.Join(names, ", ")
}

// whys say what the events of a class may mean.
var whys = map[string]string{
	"unauthorized_api_calls":          "A denied call is a mistake in a policy, or somebody trying what stolen credentials can do. A single one means little; that they come at all, and more of them than yesterday, is worth a look. Where there are too many, raise the alarm's threshold: it is still an alarm.",
	"console_sign_in_without_mfa":     "Whoever has the password of a user without MFA has the account. The alarm tells of the sign-ins that MFA would have stopped. Sign-ins through SSO have their MFA elsewhere and are not meant.",
	"root_usage":                      "The root user can do everything, and no policy of the account holds it back. It is needed a few times a year, so each use should be one that somebody expects.",
	"iam_policy_changes":              "Who can change policies can give themselves any right. The change is often the step between a small break-in and a large one.",
	"cloudtrail_changes":              "Who stops or deletes a trail does so that nobody sees what comes next. The event that says so is the last one that arrives.",
	"console_authentication_failures": "Many failed sign-ins are somebody guessing passwords; the address in the events says from where.",
	"kms_key_deletion":                "What a key encrypted is lost when the key is deleted, and cannot be read while it is disabled. The waiting period, 7 to 30 days, is of use only to those who know of it.",
	"s3_bucket_policy_changes":        "A changed policy or ACL is how a bucket becomes public. Replication and lifecycle rules can carry data away or delete it.",
	"config_changes":                  "With its recorder stopped, AWS Config keeps no history and checks no rule, and every dashboard stays as it was.",
	"security_group_changes":          "A rule added to a security group can open a database to the Internet with one call.",
	"nacl_changes":                    "A network ACL is the second wall behind the security groups; a changed entry opens a whole subnet or cuts it off.",
	"network_gateway_changes":         "A gateway is the way out of a VPC. A new one can carry data past every control that stands on the old one.",
	"route_table_changes":             "Routes decide which way traffic goes, and so past which inspection. A changed one can lead it elsewhere unseen.",
	"vpc_changes":                     "A peering connection joins two networks, perhaps with another company's account; a new VPC starts without the controls of the old.",
	"organizations_changes":           "An account that leaves the organization leaves its guardrails and its organization trail, and a detached service control policy frees every account below it. The events are those of the management account.",
}

// unsound are patterns as CIS printed them. The tests of the event package hold each.
var unsound = map[string][]string{
	"unauthorized_api_calls": {
		"v1.3.0 to v1.5.0 end the pattern in `|| ($.sourceIPAddress!=\"delivery.logs.amazonaws.com\") || ($.eventName!=\"HeadBucket\")`, which matches nearly every event there is: the alarm never leaves ALARM, and so tells nobody. The control says `filter_too_wide`.",
		"v2.0.0 and later mix `||` and `&&` without parentheses. `&&` binds first, which leaves a filter that is sound.",
	},
	"root_usage": {
		"v1.3.0 to v1.5.0 print `$.userIdentity.invokedByNOT EXISTS`, without the space. CloudWatch Logs does not take it.",
	},
	"iam_policy_changes": {
		"v1.3.0 prints `$eventName` for `$.eventName` in two places. CloudWatch Logs does not take it.",
		"CIS names no event source, so its pattern matches `CreatePolicy` and `DeletePolicy` of AWS Organizations too. That does no harm, and the control lets it pass.",
	},
	"console_sign_in_without_mfa": {
		"The versions differ in whether they ask for an IAM user and for success. Both pass. Without them, sign-ins through SSO and failed ones come too.",
	},
	"organizations_changes": {
		"v6.0.0 prints `AcceptHandshake\"`, with one quote. CloudWatch Logs does not take it.",
	},
	"security_group_changes": {
		"The patterns of v1.2.0 to v4.0.0 leave out `ModifySecurityGroupRules`, with which the console edits a rule in place. CIS added it in v5.0.0.",
	},
	"vpc_changes": {
		"The patterns name the calls of ClassicLink, which AWS no longer has. A filter without them passes, and the reason names them.",
	},
}
