// Package monitoring makes what the mod has for each version of CIS and each class of events: HCL has no loops, and a
// control's SQL is a file. `go generate ./ctcw/mod` writes it; a test of the mod says when that has to be done again.
package monitoring

import (
	"bytes"
	"embed"
	"fmt"
	"slices"
	"strings"
	"text/template"

	"github.com/ctcw/steampipe-plugin-ctcw/ctcw/verdict/alarm"
	"github.com/ctcw/steampipe-plugin-ctcw/ctcw/verdict/event"
)

//go:embed *.tmpl
var templates embed.FS

// Files returns the generated files of the mod by path.
func Files() (map[string][]byte, error) {
	parsed, err := template.New("").Funcs(template.FuncMap{
		"words": func(name string) string { return strings.ReplaceAll(name, "_", " ") },
		"short": short,
		"inc":   func(i int) int { return i + 1 },
	}).ParseFS(templates, "*.tmpl")
	if err != nil {
		return nil, err
	}
	files := map[string][]byte{}
	add := func(path, name string, data any) error {
		var text bytes.Buffer
		if err := parsed.ExecuteTemplate(&text, name, data); err != nil {
			return fmt.Errorf("%s: %w", path, err)
		}
		files[path] = append(bytes.TrimRight(text.Bytes(), "\n"), '\n')
		return nil
	}
	every := queries()[0]
	every.Class, every.Title = "", "Every class of events"
	if err := add("queries/monitoring.sql", "query.sql.tmpl", every); err != nil {
		return nil, err
	}
	if err := add("monitoring.pp", "dashboard.pp.tmpl", event.Classes()); err != nil {
		return nil, err
	}
	for _, q := range queries() {
		if err := add("queries/"+q.Name+".sql", "query.sql.tmpl", q); err != nil {
			return nil, err
		}
	}
	var pages []page
	for i, c := range event.Classes() {
		p := pageOf(i+1, c)
		if strings.Contains(p.Pattern, "'") {
			return nil, fmt.Errorf("the pattern of %s cannot stand between single quotes in a shell", c.Name)
		}
		if p.SQL = string(files["queries/"+c.Name+".sql"]); p.SQL == "" {
			return nil, fmt.Errorf("%s has no query", c.Name)
		}
		if err := add("docs/"+c.Name+".md", "page.md.tmpl", p); err != nil {
			return nil, err
		}
		pages = append(pages, p)
	}
	if err := add("docs/cis.md", "cis.md.tmpl", pages); err != nil {
		return nil, err
	}
	data := struct {
		Queries  []query
		Versions []version
	}{queries(), versions()}
	if err := add("cis.pp", "cis.pp.tmpl", data); err != nil {
		return nil, err
	}
	return files, nil
}

// query is the SQL of a class.
type query struct {
	Name     string
	Class    string // "" is every class, with a row for each
	Title    string
	All      bool // every event that missing_events can name is asked for
	Statuses []alarm.Status
	// FromLogGroup is the first of Statuses that is about what hangs on the log group.
	FromLogGroup int
}

// allEvents is the version from which on CIS asks for the events, too, that an earlier filter may leave out.
const allEvents = "v5.0.0"

// named reports whether missing_events of the class may name what alarm_status does not look at.
func named(c *event.Class) bool { return len(c.Names(event.Named)) > 0 }

func queryOf(c *event.Class, version string) string {
	if named(c) && slices.Index(event.Versions, version) >= slices.Index(event.Versions, allEvents) {
		return c.Name + "_v500"
	}
	return c.Name
}

func queries() []query {
	var list []query
	for _, c := range event.Classes() {
		q := query{
			Name: c.Name, Class: c.Name, Title: c.Title,
			Statuses: alarm.Statuses, FromLogGroup: slices.Index(alarm.Statuses, alarm.NoFilter),
		}
		list = append(list, q)
		if named(c) {
			q.Name, q.All = queryOf(c, allEvents), true
			q.Title += ", " + strings.Join(c.Names(event.Named), ", ") + " too"
			list = append(list, q)
		}
	}
	return list
}

// version is a version of the benchmark.
type version struct {
	Name, ID          string // v1.2.0, cis_v120
	What, Description string
	Children          []string
	Controls          []control
}

type control struct {
	Name, Title, Description, Query, Page string
	Version, Section, Item, Level, Type   string
	Class                                 string
}

// integrated is the item that asks for CloudWatch Logs at all; later versions have none.
var integrated = map[string]string{"v1.2.0": "2.4", "v1.3.0": "3.4", "v1.4.0": "3.4", "v1.5.0": "3.4", "v2.0.0": "3.4"}

func versions() []version {
	var list []version
	for _, name := range event.Versions {
		v := version{Name: name, ID: "cis_" + strings.ReplaceAll(name, ".", "")}
		var items []string
		for i, c := range event.Classes() {
			item, ok := c.Items[name]
			if !ok {
				continue
			}
			section, _, _ := strings.Cut(item, ".")
			control := control{
				Name:        v.ID + "_" + strings.ReplaceAll(item, ".", "_"),
				Title:       item + " " + titles[i].of(name),
				Description: c.Title + ": checks, for each account, that the events reach someone, from the trail through a metric filter that matches them all and an alarm to a confirmed subscriber.",
				Query:       queryOf(c, name),
				Page:        c.Name,
				Version:     name,
				Section:     section,
				Item:        item,
				Level:       level(i+1, name),
				Type:        kind(i+1, name),
				Class:       c.Name,
			}
			items = append(items, item)
			v.Controls = append(v.Controls, control)
		}
		v.What = "monitoring"
		v.Description = fmt.Sprintf("Recommendations %s to %s of the CIS Amazon Web Services Foundations Benchmark %s.", items[0], items[len(items)-1], name)
		if item, ok := integrated[name]; ok {
			v.Children = append(v.Children, v.ID+"_"+strings.ReplaceAll(item, ".", "_"))
			v.What = "CloudTrail to CloudWatch Logs, and monitoring"
			v.Description = fmt.Sprintf("Recommendations %s and %s to %s of the CIS Amazon Web Services Foundations Benchmark %s.", item, items[0], items[len(items)-1], name)
		}
		for _, c := range v.Controls {
			v.Children = append(v.Children, c.Name)
		}
		list = append(list, v)
	}
	return list
}

// title is what the versions call an item.
type title struct {
	before string // v2.0.0: "Ensure a log metric filter and alarm exist for" it
	since  string // "Ensure it": "are monitored", or "is monitored"
}

var titles = []title{
	{"unauthorized API calls", "unauthorized API calls are monitored"},
	{"Management Console sign-in without MFA", "management console sign-in without MFA is monitored"},
	{"usage of 'root' account", "usage of 'root' account is monitored"},
	{"IAM policy changes", "IAM policy changes are monitored"},
	{"CloudTrail configuration changes", "CloudTrail configuration changes are monitored"},
	{"AWS Management Console authentication failures", "AWS Management Console authentication failures are monitored"},
	{"disabling or scheduled deletion of customer created CMKs", "disabling or scheduled deletion of customer created CMKs is monitored"},
	{"S3 bucket policy changes", "S3 bucket policy changes are monitored"},
	{"AWS Config configuration changes", "AWS Config configuration changes are monitored"},
	{"security group changes", "security group changes are monitored"},
	{"changes to Network Access Control Lists (NACL)", "Network Access Control List (NACL) changes are monitored"},
	{"changes to network gateways", "changes to network gateways are monitored"},
	{"route table changes", "route table changes are monitored"},
	{"VPC changes", "VPC changes are monitored"},
	{"AWS Organizations changes", "AWS Organizations changes are monitored"},
}

func (t title) of(version string) string {
	if before(version, "v2.0.0") {
		if before(version, "v1.4.0") {
			return "Ensure a log metric filter and alarm exist for " + strings.ReplaceAll(t.before, "'", `"`)
		}
		return "Ensure a log metric filter and alarm exist for " + t.before
	}
	return "Ensure " + t.since
}

func before(version, other string) bool {
	return slices.Index(event.Versions, version) < slices.Index(event.Versions, other)
}

// level is the profile that has the item with this number.
func level(n int, version string) string {
	switch n {
	case 1:
		if !before(version, "v2.0.0") {
			return "2"
		}
	case 6:
		if before(version, "v6.0.0") {
			return "2"
		}
	case 7, 9, 10, 11:
		return "2"
	}
	return "1"
}

// kind is how the version says that the item is assessed.
func kind(n int, version string) string {
	switch {
	case version == "v1.2.0":
		return "scored"
	case before(version, "v2.0.0"), n == 1 && (version == "v4.0.0" || version == "v5.0.0"):
		return "automated"
	default:
		return "manual"
	}
}

// shorts are names of classes that stand above a column of one sign.
var shorts = map[string]string{
	"unauthorized_api_calls":          "denied",
	"console_sign_in_without_mfa":     "no MFA",
	"root_usage":                      "root",
	"iam_policy_changes":              "IAM",
	"cloudtrail_changes":              "trail",
	"console_authentication_failures": "sign-in",
	"kms_key_deletion":                "KMS",
	"s3_bucket_policy_changes":        "S3",
	"config_changes":                  "Config",
	"security_group_changes":          "SG",
	"nacl_changes":                    "NACL",
	"network_gateway_changes":         "gateway",
	"route_table_changes":             "route",
	"vpc_changes":                     "VPC",
	"organizations_changes":           "Org",
}

func short(class string) (string, error) {
	name, ok := shorts[class]
	if !ok {
		return "", fmt.Errorf("class %s has no short name", class)
	}
	return name, nil
}
