package export

import (
	"io"
	"strings"
	"time"

	oscal "github.com/defenseunicorns/go-oscal/src/types/oscal-1-1-3"

	"github.com/ctcw/steampipe-plugin-ctcw/ctcw/standalone/check"
)

const oscalVersion = oscal.Version

// oscalNamespace is whose names the properties have.
const oscalNamespace = "https://github.com/ctcw/steampipe-plugin-ctcw/ns/oscal"

// OSCAL writes the report as assessment results: an observation for each control and resource, a finding for each
// control, what was looked at as inventory. The UUIDs of controls and resources are the same in every run.
func OSCAL(w io.Writer, r *check.Report) error {
	var (
		about    = r.About
		run      = stamp(about.Started) + strings.Join(about.Callers, " ")
		planID   = uuidOf("plan")
		results  oscalResults
		selected []oscal.AssessedControlsSelectControlById
	)
	for _, of := range r.Runs() {
		selected = append(selected, oscal.AssessedControlsSelectControlById{ControlId: of.Control.Name})
	}
	results.add(findings(r), run)
	end := about.Finished
	doc := oscal.OscalModels{AssessmentResults: &oscal.AssessmentResults{
		UUID: uuidOf("results " + run),
		Metadata: oscal.Metadata{
			Title: "CloudTrail to CloudWatch Logs", LastModified: end, Version: stamp(end), OscalVersion: oscalVersion,
			Parties: parties(about), Props: aboutProps(about),
		},
		ImportAp: oscal.ImportAp{Href: "#" + planID},
		Results: []oscal.Result{{
			UUID: uuidOf("result " + run), Title: "ctcw check " + strings.Join(about.Asked, " "), Start: about.Started, End: &end,
			Description: oneLine(about.Scope() + "; " + about.Completeness()),
			Props:       aboutProps(about),
			LocalDefinitions: &oscal.LocalDefinitions{InventoryItems: optional(results.inventory), Components: &[]oscal.SystemComponent{{
				UUID: uuidOf("tool " + about.Version), Type: "software", Title: "ctcw", Description: "The program that asked AWS and ran the controls.",
				Props: props("version", about.Version), Status: oscal.SystemComponentStatus{State: "operational"},
			}}},
			ReviewedControls: oscal.ReviewedControls{ControlSelections: []oscal.AssessedControls{{IncludeControls: &selected}}},
			Observations:     optional(results.observations),
			Findings:         optional(oscalFindings(r, run, results.byControl)),
		}},
		BackMatter: &oscal.BackMatter{Resources: &[]oscal.Resource{{
			UUID: planID, Title: "The controls, their rules and their SQL",
			Rlinks: &[]oscal.ResourceLink{{Href: guide}},
		}}},
	}}
	return encode(w, doc)
}

// oscalResults collects what was seen, and on what.
type oscalResults struct {
	inventory    []oscal.InventoryItem
	observations []oscal.Observation
	byControl    map[string][]oscal.RelatedObservation
	known        map[string]bool
}

func (o *oscalResults) add(all []finding, run string) {
	o.byControl, o.known = map[string][]oscal.RelatedObservation{}, map[string]bool{}
	for _, f := range all {
		subject := uuidOf("resource " + f.account + " " + f.Resource)
		if !o.known[subject] {
			o.known[subject] = true
			o.inventory = append(o.inventory, oscal.InventoryItem{
				UUID: subject, Description: f.Resource,
				Props: props("asset-id", f.Resource, "account-id", f.account, "account-name", f.AccountName, "region", f.region),
			})
		}
		observation := oscal.Observation{
			UUID: uuidOf("observation " + run + f.uid), Title: f.control.Title, Description: oneLine(f.Reason), Methods: []string{"TEST"}, Types: &[]string{"control-objective"},
			Collected: f.checked, Subjects: &[]oscal.SubjectReference{{SubjectUuid: subject, Type: "inventory-item"}},
			Props: props("status", string(f.Status), "finding-id", f.uid), Remarks: oneLine(f.Remediation),
		}
		o.observations = append(o.observations, observation)
		o.byControl[f.control.Name] = append(o.byControl[f.control.Name], oscal.RelatedObservation{ObservationUuid: observation.UUID})
	}
}

// oscalFindings says of each control whether it is satisfied. One whose question could not be answered is not.
func oscalFindings(r *check.Report, run string, observations map[string][]oscal.RelatedObservation) []oscal.Finding {
	var all []oscal.Finding
	for _, of := range r.Runs() {
		status := oscal.ObjectiveStatus{State: "satisfied", Reason: "pass"}
		switch s := of.Summary(); {
		case s[check.Alarm] > 0:
			status = oscal.ObjectiveStatus{State: "not-satisfied", Reason: "fail"}
		case s[check.Error] > 0 || len(of.Results) == 0:
			status = oscal.ObjectiveStatus{State: "not-satisfied", Reason: "other"}
		}
		var names []string
		for _, requirement := range requirements(of.Control) {
			names = append(names, "requirement", requirement)
		}
		all = append(all, oscal.Finding{
			UUID: uuidOf("finding " + run + of.Control.Name), Title: of.Control.Title, Description: of.Summary().String(), Props: props(names...),
			Target:              oscal.FindingTarget{Type: "objective-id", TargetId: of.Control.Name, Status: status, Description: of.Control.Description},
			RelatedObservations: optional(observations[of.Control.Name]),
		})
	}
	return all
}

func parties(about check.About) *[]oscal.Party {
	var all []oscal.Party
	for _, caller := range about.Callers {
		all = append(all, oscal.Party{UUID: uuidOf("party " + caller), Type: "organization", Name: caller, Remarks: "Whose credentials asked AWS."})
	}
	return optional(all)
}

func aboutProps(about check.About) *[]oscal.Property {
	return props("version", about.Version, "checked-by", strings.Join(about.Callers, " "), "variables", about.VariableList(),
		"scope", about.Scope(), "completeness", about.Completeness(), "finished", about.Finished.Format(time.RFC3339))
}

// props makes properties of names and values in turn; one without a value is left out.
func props(of ...string) *[]oscal.Property {
	var all []oscal.Property
	for i := 0; i+1 < len(of); i += 2 {
		if value := oneLine(of[i+1]); value != "" {
			all = append(all, oscal.Property{Name: of[i], Ns: oscalNamespace, Value: value})
		}
	}
	return optional(all)
}

// optional is nil for an empty list, which OSCAL does not allow.
func optional[T any](list []T) *[]T {
	if len(list) == 0 {
		return nil
	}
	return &list
}
