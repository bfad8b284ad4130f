package export

import (
	"fmt"
	"io"
	"strings"

	"github.com/ctcw/steampipe-plugin-ctcw/ctcw/standalone/check"
)

// The AWS Security Finding Format, as far as it is used here.
type (
	asffFinding struct {
		SchemaVersion string
		ID            string `json:"Id"`
		ProductARN    string `json:"ProductArn"`
		GeneratorID   string `json:"GeneratorId"`
		AWSAccountID  string `json:"AwsAccountId"`
		Types         []string
		CreatedAt     string
		UpdatedAt     string
		Severity      asffSeverity
		Title         string
		Description   string
		Remediation   *asffRemediation `json:",omitempty"`
		ProductFields map[string]string
		Resources     []asffResource
		Compliance    asffCompliance
		RecordState   string
	}
	asffSeverity       struct{ Label, Original string }
	asffRemediation    struct{ Recommendation asffRecommendation }
	asffRecommendation struct {
		Text string
		URL  string `json:"Url"`
	}
	asffResource struct {
		Type      string
		ID        string `json:"Id"`
		Partition string
		Region    string
	}
	asffCompliance struct {
		Status              string
		StatusReasons       []asffReason `json:",omitempty"`
		RelatedRequirements []string     `json:",omitempty"`
	}
	asffReason struct{ ReasonCode, Description string }
)

// Security Hub's limits, in characters and in elements.
const (
	asffTitle, asffDescription = 256, 1024
	asffText, asffField        = 512, 2048
	asffRequirement            = 64
	asffRequirements           = 32
)

// guide is where a control's page is found.
const guide = "https://github.com/ctcw/steampipe-plugin-ctcw/tree/main/ctcw/mod/docs"

// ASFF writes the report as a list of Security Hub's findings, with an Id of its own for each control and resource.
// A finding belongs to the account and region of its resource, and what is of no region to the partition's main one:
// Security Hub refuses others.
func ASFF(w io.Writer, r *check.Report) error {
	list := []asffFinding{}
	for _, f := range findings(r) {
		list = append(list, f.asff(r.About))
	}
	return encode(w, list)
}

func (f finding) asff(about check.About) asffFinding {
	resource := asffResource{Type: f.kind, ID: f.Resource, Partition: f.part, Region: f.region}
	if f.kind == "AwsAccount" {
		resource.ID = "AWS::::Account:" + f.account
	}
	out := asffFinding{
		SchemaVersion: "2018-10-08",
		ID:            f.uid,
		ProductARN:    "arn:" + f.part + ":securityhub:" + f.region + ":" + f.account + ":product/" + f.account + "/default",
		GeneratorID:   "ctcw/" + f.control.Name,
		AWSAccountID:  f.account,
		Types:         []string{"Software and Configuration Checks/Industry and Regulatory Standards"},
		CreatedAt:     stamp(f.checked),
		UpdatedAt:     stamp(f.checked),
		Severity:      f.asffSeverity(),
		Title:         shorten(f.control.Title, asffTitle),
		Description:   shorten(oneLine(f.Reason), asffDescription),
		Resources:     []asffResource{resource},
		Compliance:    f.asffCompliance(),
		RecordState:   "ACTIVE",
		ProductFields: map[string]string{},
	}
	for name, value := range map[string]string{
		"ProviderName": "ctcw", "ProviderVersion": about.Version, "ctcw/CheckedBy": strings.Join(about.Callers, " "),
		"ctcw/Variables": about.VariableList(), "ctcw/Scope": about.Scope(), "ctcw/Completeness": about.Completeness(),
		"ctcw/AccountName": f.AccountName, "ctcw/Remediation": f.Remediation,
	} {
		if value != "" && len(value) <= asffField { // half a command is worse than none
			out.ProductFields[name] = value
		} else if value != "" && name != "ctcw/Remediation" {
			out.ProductFields[name] = shorten(value, asffField/4)
		}
	}
	if f.Remediation != "" {
		text := f.Remediation
		if len(text) > asffText {
			text = "The command is in the product field ctcw/Remediation."
		}
		out.Remediation = &asffRemediation{asffRecommendation{text, guide}}
	}
	return out
}

func (f finding) asffSeverity() asffSeverity {
	label := "INFORMATIONAL"
	if f.Status == check.Alarm {
		label = "MEDIUM"
		if f.control.Severity != "" {
			label = strings.ToUpper(f.control.Severity)
		}
	}
	return asffSeverity{label, string(f.Status)}
}

// asffCompliance: Security Hub has no word for what is exempt or does not apply; the reason code says it.
func (f finding) asffCompliance() asffCompliance {
	status := map[check.Status]string{check.OK: "PASSED", check.Alarm: "FAILED", check.Info: "WARNING", check.Error: "NOT_AVAILABLE", check.Skip: "NOT_AVAILABLE"}[f.Status]
	c := asffCompliance{Status: status}
	if f.Status != check.OK {
		c.StatusReasons = []asffReason{{"CTCW_" + strings.ToUpper(string(f.Status)), shorten(oneLine(f.Reason), asffDescription)}}
	}
	for i, requirement := range f.require {
		if more := len(f.require) - i; i == asffRequirements-1 && more > 1 {
			c.RelatedRequirements = append(c.RelatedRequirements, fmt.Sprintf("and %d more: the tags of control %s", more, shorten(f.control.Name, 24)))
			break
		}
		c.RelatedRequirements = append(c.RelatedRequirements, shorten(requirement, asffRequirement))
	}
	return c
}
