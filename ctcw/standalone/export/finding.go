package export

import (
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/ctcw/steampipe-plugin-ctcw/ctcw/mod"
	"github.com/ctcw/steampipe-plugin-ctcw/ctcw/standalone/check"
)

// finding is a control's result on a resource, as the standards of findings see it.
type finding struct {
	check.Result

	control mod.Control
	uid     string // of control, account and resource; the same in every run
	account string
	region  string // never "global": where the finding belongs
	part    string // of AWS: aws, aws-cn, aws-us-gov
	kind    string // of the resource, as CloudFormation names it
	checked time.Time
	require []string // what the frameworks' mappings say that the control stands for
}

// findings returns the results of all controls, each control once.
func findings(r *check.Report) []finding {
	var all []finding
	seen := map[string]int{}
	for _, run := range r.Runs() {
		for _, result := range run.Results {
			f := newFinding(run.Control, result, r.About.Finished)
			// A control may say several things of one resource.
			if seen[f.uid]++; seen[f.uid] > 1 {
				f.uid += "/" + key(result)
			}
			all = append(all, f)
		}
	}
	return all
}

func newFinding(c mod.Control, result check.Result, finished time.Time) finding {
	f := finding{
		Result: result, control: c, account: result.Dimension("account_id"), region: result.Dimension("region"), part: "aws",
		kind: "Other", checked: result.CheckedAt, require: requirements(c),
	}
	if parts := strings.SplitN(result.Resource, ":", 6); len(parts) > 5 || strings.HasPrefix(result.Resource, "arn:") && len(parts) > 1 {
		f.part = parts[1]
	}
	switch {
	case strings.Contains(result.Resource, ":trail/"):
		f.kind = "AwsCloudTrailTrail"
	case strings.HasSuffix(result.Resource, ":::"+f.account):
		f.kind = "AwsAccount"
	}
	if f.region == "" || f.region == "global" {
		f.region = mainRegion(f.part) // where AWS itself keeps what belongs to an account
	}
	if f.checked.IsZero() {
		f.checked = finished
	}
	f.uid = strings.Join([]string{"ctcw", c.Name, f.account, result.Resource}, "/")
	return f
}

// key tells apart the results of a control on one resource: by all its dimensions.
func key(r check.Result) string {
	var values []string
	for _, d := range r.Dimensions {
		values = append(values, d.Key+"="+d.Value)
	}
	slices.Sort(values)
	return uuidOf(strings.Join(values, " "))
}

func mainRegion(partition string) string {
	switch partition {
	case "aws-us-gov":
		return "us-gov-west-1"
	case "aws-cn":
		return "cn-north-1"
	default:
		return "us-east-1"
	}
}

// frameworks are the tags of the mod that name a framework, and what people call it.
var frameworks = map[string]string{
	"aws_foundational_security":              "AWS Foundational Security Best Practices",
	"cis_controls_v8_ig1":                    "CIS Controls v8",
	"hipaa_final_omnibus_security_rule_2013": "HIPAA Final Omnibus Security Rule 2013",
	"hipaa_security_rule_2003":               "HIPAA Security Rule 2003",
	"iso_27001_2022":                         "ISO/IEC 27001:2022",
	"nist_800_53_rev_5":                      "NIST SP 800-53 Rev. 5",
	"nist_csf":                               "NIST CSF v1.1",
	"nist_csf_v2":                            "NIST CSF v2.0",
	"pci_dss_v321":                           "PCI DSS v3.2.1",
	"pci_dss_v40":                            "PCI DSS v4.0",
	"soc_2":                                  "SOC 2",
}

// standards returns the frameworks that a control is tagged with, each with its items.
func standards(c mod.Control) map[string][]string {
	all := map[string][]string{}
	for tag, title := range frameworks {
		if c.Tags[tag] == "true" {
			items := c.Tags[tag+"_item_id"]
			if tag == "aws_foundational_security" {
				items = c.Tags["foundational_security_item_id"]
			}
			all[title] = strings.FieldsFunc(items, func(r rune) bool { return r == ',' || r == ' ' })
		}
	}
	if version := c.Tags["cis_version"]; version != "" {
		all["CIS AWS Foundations Benchmark "+version] = []string{c.Tags["cis_item_id"]}
	}
	return all
}

// requirements lists the same, an item each: FRAMEWORK ITEM.
func requirements(c mod.Control) []string {
	var all []string
	of := standards(c)
	for _, title := range slices.Sorted(maps.Keys(of)) {
		for _, item := range of[title] {
			all = append(all, title+" "+item)
		}
	}
	return all
}

// namespace makes the UUIDs of this program its own.
var namespace = uuid.NewSHA1(uuid.NameSpaceURL, []byte("https://github.com/ctcw/steampipe-plugin-ctcw"))

// uuidOf returns the same UUID for the same name, in every run.
func uuidOf(name string) string { return uuid.NewSHA1(namespace, []byte(name)).String() }

// shorten keeps a text within a standard's limit, in characters.
func shorten(s string, most int) string {
	runes := []rune(s)
	if len(runes) <= most {
		return s
	}
	return string(runes[:most-1]) + "…"
}
