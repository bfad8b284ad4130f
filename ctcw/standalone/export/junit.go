package export

import (
	"encoding/xml"
	"fmt"
	"io"
	"strings"

	"github.com/ctcw/steampipe-plugin-ctcw/ctcw/standalone/check"
)

// JUnit's report, as Jenkins, GitLab and others read it.
type (
	junitSuites struct {
		XMLName  xml.Name     `xml:"testsuites"`
		Name     string       `xml:"name,attr"`
		Tests    int          `xml:"tests,attr"`
		Failures int          `xml:"failures,attr"`
		Errors   int          `xml:"errors,attr"`
		Time     string       `xml:"time,attr"`
		Suites   []junitSuite `xml:"testsuite"`
	}
	junitSuite struct {
		Name       string          `xml:"name,attr"`
		Tests      int             `xml:"tests,attr"`
		Failures   int             `xml:"failures,attr"`
		Errors     int             `xml:"errors,attr"`
		Skipped    int             `xml:"skipped,attr"`
		Timestamp  string          `xml:"timestamp,attr"`
		Time       string          `xml:"time,attr"`
		Properties []junitProperty `xml:"properties>property"`
		Cases      []junitCase     `xml:"testcase"`
	}
	junitProperty struct {
		Name  string `xml:"name,attr"`
		Value string `xml:"value,attr"`
	}
	junitCase struct {
		Name      string        `xml:"name,attr"`
		ClassName string        `xml:"classname,attr"`
		Time      string        `xml:"time,attr"`
		Skipped   *junitMessage `xml:"skipped"`
		Error     *junitMessage `xml:"error"`
		Failure   *junitMessage `xml:"failure"`
		Output    string        `xml:"system-out,omitempty"`
	}
	junitMessage struct {
		Type    string `xml:"type,attr,omitempty"`
		Message string `xml:"message,attr"`
		Text    string `xml:",chardata"`
	}
)

// JUnit writes each control as a suite and each resource as a test: an alarm is a failure, what could not be read an error.
func JUnit(w io.Writer, r *check.Report) error {
	about := r.About
	all := r.Summary()
	root := junitSuites{Name: "ctcw", Failures: all[check.Alarm], Errors: all[check.Error], Time: fmt.Sprintf("%.3f", about.Finished.Sub(about.Started).Seconds())}
	properties := []junitProperty{
		{"version", about.Version}, {"checked_by", strings.Join(about.Callers, " ")}, {"variables", about.VariableList()},
		{"scope", about.Scope()}, {"completeness", about.Completeness()}, {"finished", stamp(about.Finished)},
	}
	for _, run := range r.Runs() {
		s := run.Summary()
		suite := junitSuite{
			Name: run.Control.Title, Tests: len(run.Results), Failures: s[check.Alarm], Errors: s[check.Error], Skipped: s[check.Skip],
			Timestamp: about.Started.UTC().Format("2006-01-02T15:04:05"), Time: "0", Properties: properties,
		}
		for _, result := range run.Results {
			suite.Cases = append(suite.Cases, newCase(run.Control.Name, result))
		}
		root.Tests += suite.Tests
		root.Suites = append(root.Suites, suite)
	}
	if _, err := io.WriteString(w, xml.Header); err != nil {
		return err
	}
	out := xml.NewEncoder(w)
	out.Indent("", "  ")
	if err := out.Encode(root); err != nil {
		return err
	}
	_, err := io.WriteString(w, "\n")
	return err
}

func newCase(control string, result check.Result) junitCase {
	account := strings.TrimSpace(result.Dimension("account_id") + " " + result.AccountName)
	c := junitCase{Name: account + ": " + result.Resource, ClassName: "ctcw." + control, Time: "0"}
	message := &junitMessage{Message: oneLine(result.Reason)}
	switch result.Status {
	case check.Alarm:
		message.Type, message.Text = "alarm", result.Remediation
		c.Failure = message
	case check.Error:
		message.Type = "error"
		c.Error = message
	case check.Skip:
		c.Skipped = message
	default:
		c.Output = oneLine(result.Reason)
	}
	return c
}
