package export

import (
	"io"
	"maps"
	"slices"

	"github.com/ctcw/steampipe-plugin-ctcw/ctcw/standalone/check"
)

// ocsfVersion is the version of the Open Cybersecurity Schema Framework that is written.
const ocsfVersion = "1.5.0"

// The class Compliance Finding with its profiles cloud and datetime, as far as it is used here.
type (
	ocsfFinding struct {
		ActivityID   int              `json:"activity_id"`
		ActivityName string           `json:"activity_name"`
		CategoryUID  int              `json:"category_uid"`
		CategoryName string           `json:"category_name"`
		ClassUID     int              `json:"class_uid"`
		ClassName    string           `json:"class_name"`
		TypeUID      int              `json:"type_uid"`
		TypeName     string           `json:"type_name"`
		Time         int64            `json:"time"` // milliseconds
		TimeDT       string           `json:"time_dt"`
		SeverityID   int              `json:"severity_id"`
		Severity     string           `json:"severity"`
		StatusID     int              `json:"status_id"`
		Status       string           `json:"status"`
		Message      string           `json:"message"`
		Metadata     ocsfMetadata     `json:"metadata"`
		Cloud        ocsfCloud        `json:"cloud"`
		FindingInfo  ocsfInfo         `json:"finding_info"`
		Compliance   ocsfCompliance   `json:"compliance"`
		Resources    []ocsfResource   `json:"resources"`
		Remediation  *ocsfRemediation `json:"remediation,omitempty"`
		Unmapped     ocsfUnmapped     `json:"unmapped"`
	}
	ocsfMetadata struct {
		Version  string      `json:"version"`
		Profiles []string    `json:"profiles"`
		Product  ocsfProduct `json:"product"`
	}
	ocsfProduct struct {
		UID        string `json:"uid"`
		Name       string `json:"name"`
		VendorName string `json:"vendor_name"`
		Version    string `json:"version"`
	}
	ocsfCloud struct {
		Provider string      `json:"provider"`
		Region   string      `json:"region"`
		Account  ocsfAccount `json:"account"`
	}
	ocsfAccount struct {
		UID    string `json:"uid"`
		Name   string `json:"name,omitempty"`
		TypeID int    `json:"type_id"`
		Type   string `json:"type"`
	}
	ocsfInfo struct {
		UID      string       `json:"uid"`
		Title    string       `json:"title"`
		Desc     string       `json:"desc"`
		Types    []string     `json:"types"`
		Analytic ocsfAnalytic `json:"analytic"`
	}
	ocsfAnalytic struct {
		UID    string `json:"uid"`
		Name   string `json:"name"`
		TypeID int    `json:"type_id"`
		Type   string `json:"type"`
	}
	ocsfCompliance struct {
		Control       string         `json:"control"`
		Standards     []string       `json:"standards,omitempty"`
		Requirements  []string       `json:"requirements,omitempty"`
		Parameters    []ocsfKeyValue `json:"control_parameters,omitempty"`
		StatusID      int            `json:"status_id"`
		Status        string         `json:"status"`
		StatusCode    string         `json:"status_code"`
		StatusDetails []string       `json:"status_details"`
	}
	ocsfKeyValue struct {
		Name  string `json:"name"`
		Value string `json:"value"`
	}
	ocsfResource struct {
		UID       string `json:"uid"`
		Type      string `json:"type"`
		Partition string `json:"cloud_partition"`
		Region    string `json:"region"`
	}
	ocsfRemediation struct {
		Desc       string   `json:"desc"`
		References []string `json:"references"`
	}
	// ocsfUnmapped has what OCSF has no place for.
	ocsfUnmapped struct {
		CheckedBy    []string `json:"checked_by"`
		Scope        string   `json:"scope"`
		Completeness string   `json:"completeness"`
	}
)

// OCSF writes the report as a list of compliance findings, one for each control and resource. The uid is the same
// in every run.
func OCSF(w io.Writer, r *check.Report) error {
	list := []ocsfFinding{}
	for _, f := range findings(r) {
		list = append(list, f.ocsf(r.About))
	}
	return encode(w, list)
}

func (f finding) ocsf(about check.About) ocsfFinding {
	out := ocsfFinding{
		ActivityID: 1, ActivityName: "Create",
		CategoryUID: 2, CategoryName: "Findings",
		ClassUID: 2003, ClassName: "Compliance Finding",
		TypeUID: 200301, TypeName: "Compliance Finding: Create",
		Time:     f.checked.UnixMilli(),
		TimeDT:   stamp(f.checked),
		StatusID: 1, Status: "New",
		Message:     oneLine(f.Reason),
		Metadata:    ocsfMetadata{ocsfVersion, []string{"cloud", "datetime"}, ocsfProduct{"ctcw", "ctcw", "ctcw", about.Version}},
		Cloud:       ocsfCloud{"AWS", f.region, ocsfAccount{f.account, f.AccountName, 10, "AWS Account"}},
		FindingInfo: ocsfInfo{f.uid, f.control.Title, f.control.Description, []string{"Compliance"}, ocsfAnalytic{f.control.Name, f.control.Title, 1, "Rule"}},
		Resources:   []ocsfResource{{f.Resource, f.kind, f.part, f.region}},
		Unmapped:    ocsfUnmapped{append([]string{}, about.Callers...), about.Scope(), about.Completeness()},
	}
	out.SeverityID, out.Severity = f.ocsfSeverity()
	out.Compliance = ocsfCompliance{
		Control: f.control.Title, Standards: slices.Sorted(maps.Keys(standards(f.control))), Requirements: f.require,
		StatusCode: string(f.Status), StatusDetails: []string{oneLine(f.Reason)},
	}
	for _, v := range about.Variables {
		out.Compliance.Parameters = append(out.Compliance.Parameters, ocsfKeyValue(v))
	}
	switch f.Status {
	case check.OK:
		out.Compliance.StatusID, out.Compliance.Status = 1, "Pass"
	case check.Info:
		out.Compliance.StatusID, out.Compliance.Status = 2, "Warning"
	case check.Alarm:
		out.Compliance.StatusID, out.Compliance.Status = 3, "Fail"
	case check.Skip:
		out.Compliance.StatusID, out.Compliance.Status = 99, "Skipped"
	default:
		out.Compliance.StatusID, out.Compliance.Status = 0, "Unknown"
	}
	if f.Remediation != "" {
		out.Remediation = &ocsfRemediation{f.Remediation, []string{guide}}
	}
	return out
}

func (f finding) ocsfSeverity() (int, string) {
	if f.Status != check.Alarm {
		return 1, "Informational"
	}
	switch f.control.Severity {
	case "low":
		return 2, "Low"
	case "high":
		return 4, "High"
	case "critical":
		return 5, "Critical"
	default:
		return 3, "Medium"
	}
}
