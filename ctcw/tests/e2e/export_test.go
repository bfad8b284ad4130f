package e2e

import (
	"encoding/json"
	"encoding/xml"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/defenseunicorns/go-oscal/src/pkg/validation"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/ctcw/steampipe-plugin-ctcw/ctcw/standalone/export"
	"github.com/ctcw/steampipe-plugin-ctcw/ctcw/standalone/output"
)

// exported runs a check of the sample organization and returns the files that it exports, by their suffixes.
func exported(t *testing.T, args ...string) map[string][]byte {
	t.Helper()
	dir := t.TempDir()
	args = append([]string{"check", "--demo"}, args...)
	got := ctcw(t, nil, append(args, everyExport(dir)...)...)
	require.Equal(t, 2, got.code, got.stderr)
	files := map[string][]byte{}
	for _, f := range export.Formats(output.CSVOptions{}) {
		text, err := os.ReadFile(filepath.Join(dir, "c"+f.Suffix))
		require.NoError(t, err)
		files[f.Suffix] = text
	}
	return files
}

func TestEveryExportOfTheSampleOrganizationValidates(t *testing.T) {
	files := exported(t, "cloudtrail_cloudwatch", "cis_v200")
	rows := table(t, string(files[".csv"]))

	t.Run("csv", func(t *testing.T) {
		for _, r := range rows {
			for _, column := range []string{"checked_at", "checked_by", "ctcw_version", "variables", "scope"} {
				assert.NotEmpty(t, r[column], column)
			}
			assert.Equal(t, "false", r["complete"], "an account is not readable")
		}
	})
	t.Run("oscal", func(t *testing.T) {
		v, err := validation.NewValidatorDesiredVersion(files[".oscal.json"], "1.1.3")
		require.NoError(t, err)
		require.NoError(t, v.Validate())
	})
	t.Run("ocsf", func(t *testing.T) {
		var findings []map[string]any
		require.NoError(t, json.Unmarshal(files[".ocsf.json"], &findings))
		uids := map[string]bool{}
		for _, f := range findings {
			uids[checkOCSF(t, f)] = true
		}
		assert.Len(t, uids, len(findings), "a uid of its own for each finding")
	})
	t.Run("asff", func(t *testing.T) {
		var findings []map[string]any
		require.NoError(t, json.Unmarshal(files[".asff.json"], &findings))
		ids := map[string]bool{}
		for _, f := range findings {
			ids[checkASFF(t, f)] = true
		}
		assert.Len(t, ids, len(findings), "an Id of its own for each finding")
	})
	t.Run("junit", func(t *testing.T) { checkJUnit(t, files[".junit.xml"]) })
	t.Run("html", func(t *testing.T) {
		page := string(files[".html"])
		assert.NotRegexp(t, `(?i)<script|<link|<img|<iframe|@import|url\(|src=|href=`, page, "it needs nothing from elsewhere")
		assert.Equal(t, strings.Count(page, "<tr>"), strings.Count(page, "</tr>"))
		assert.Contains(t, page, "Not everything could be seen")
	})
	t.Run("none has a secret", func(t *testing.T) {
		key := regexp.MustCompile(`\b(AKIA|ASIA)[A-Z0-9]{12,}|secret_key|session_token|127\.0\.0\.1`)
		for suffix, text := range files {
			assert.NotRegexp(t, key, string(text), suffix)
		}
	})
}

// ocsfObject is what OCSF 1.5.0 says of an object, as far as a compliance finding needs it: its attributes, "!" before
// those that are required.
var ocsfObject = map[string]string{
	"": "!activity_id activity_name !category_uid category_name !class_uid class_name !type_uid type_name !time time_dt !severity_id severity " +
		"status_id status message !metadata !cloud !finding_info !compliance resources remediation unmapped",
	"metadata":                      "!version !product profiles",
	"metadata.product":              "name uid vendor_name version",
	"cloud":                         "!provider region account",
	"cloud.account":                 "name uid type type_id",
	"finding_info":                  "!uid title desc types analytic",
	"finding_info.analytic":         "!type_id type name uid",
	"compliance":                    "control standards requirements control_parameters status status_id status_code status_details",
	"compliance.control_parameters": "!name !value",
	"resources":                     "uid type region cloud_partition",
	"remediation":                   "!desc references",
}

// checkOCSF holds a finding against the schema and returns its uid.
func checkOCSF(t *testing.T, finding map[string]any) string {
	t.Helper()
	var walk func(path string, v any)
	walk = func(path string, v any) {
		switch v := v.(type) {
		case []any:
			for _, element := range v {
				walk(path, element)
			}
		case map[string]any:
			if path == "unmapped" {
				return
			}
			attributes := strings.Fields(ocsfObject[path])
			for name, value := range v {
				assert.True(t, slices.Contains(attributes, name) || slices.Contains(attributes, "!"+name), "%s has no attribute %s", path, name)
				walk(strings.TrimPrefix(path+"."+name, "."), value)
			}
			for _, a := range attributes {
				if name, required := strings.CutPrefix(a, "!"); required {
					assert.Contains(t, v, name, path)
				}
			}
		}
	}
	walk("", finding)
	assert.Equal(t, 2003.0, finding["class_uid"])
	assert.Equal(t, 2003.0*100+finding["activity_id"].(float64), finding["type_uid"])
	compliance := finding["compliance"].(map[string]any)
	names := map[float64]string{0: "Unknown", 1: "Pass", 2: "Warning", 3: "Fail", 99: "Skipped"}
	assert.Equal(t, names[compliance["status_id"].(float64)], compliance["status"])
	return finding["finding_info"].(map[string]any)["uid"].(string)
}

// checkASFF holds a finding against what Security Hub requires and returns its Id.
func checkASFF(t *testing.T, f map[string]any) string {
	t.Helper()
	for _, required := range []string{"SchemaVersion", "Id", "ProductArn", "GeneratorId", "AwsAccountId", "Types", "CreatedAt", "UpdatedAt", "Severity", "Title", "Description", "Resources"} {
		assert.NotEmpty(t, f[required], required)
	}
	account := f["AwsAccountId"].(string)
	assert.Regexp(t, `^arn:aws:securityhub:[a-z]{2}-[a-z]+-\d:`+account+`:product/`+account+`/default$`, f["ProductArn"])
	for _, r := range f["Resources"].([]any) {
		resource := r.(map[string]any)
		assert.Contains(t, f["ProductArn"], ":"+resource["Region"].(string)+":")
		assert.NotEqual(t, "global", resource["Region"])
	}
	assert.Contains(t, []string{"PASSED", "WARNING", "FAILED", "NOT_AVAILABLE"}, f["Compliance"].(map[string]any)["Status"])
	assert.LessOrEqual(t, len([]rune(f["Description"].(string))), 1024)
	assert.LessOrEqual(t, len(f["Id"].(string)), 512)
	for _, value := range f["ProductFields"].(map[string]any) {
		assert.LessOrEqual(t, len(value.(string)), 2048)
	}
	return f["Id"].(string)
}

// checkJUnit holds a report against the schema that Jenkins publishes, as far as it is used: attributes, and the order of
// a suite's and a test's elements.
func checkJUnit(t *testing.T, text []byte) {
	t.Helper()
	var root struct {
		XMLName xml.Name
		Tests   int `xml:"tests,attr"`
		Suites  []struct {
			Name      string `xml:"name,attr"`
			Timestamp string `xml:"timestamp,attr"`
			Tests     int    `xml:"tests,attr"`
			Failures  int    `xml:"failures,attr"`
			Errors    int    `xml:"errors,attr"`
			Skipped   int    `xml:"skipped,attr"`
			Cases     []struct {
				Name      string    `xml:"name,attr"`
				ClassName string    `xml:"classname,attr"`
				Failure   *struct{} `xml:"failure"`
				Error     *struct{} `xml:"error"`
				Skipped   *struct{} `xml:"skipped"`
			} `xml:"testcase"`
		} `xml:"testsuite"`
	}
	require.NoError(t, xml.Unmarshal(text, &root))
	assert.Equal(t, "testsuites", root.XMLName.Local)
	total := 0
	for _, suite := range root.Suites {
		failures, errs, skipped := 0, 0, 0
		names := map[string]bool{}
		for _, c := range suite.Cases {
			names[c.Name] = true
			assert.NotEmpty(t, c.ClassName)
			if c.Failure != nil {
				failures++
			}
			if c.Error != nil {
				errs++
			}
			if c.Skipped != nil {
				skipped++
			}
		}
		assert.Equal(t, []int{suite.Tests, suite.Failures, suite.Errors, suite.Skipped}, []int{len(suite.Cases), failures, errs, skipped}, suite.Name)
		assert.Len(t, names, len(suite.Cases), "%s: a name of its own for each test", suite.Name)
		assert.Regexp(t, `^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d$`, suite.Timestamp)
		total += suite.Tests
	}
	assert.Equal(t, root.Tests, total)
}

// TestSecurityHubTakesTheFindings gives the file to moto's Security Hub, as Security Hub takes it: a hundred findings at
// a time, of one account and region, the account's own.
func TestSecurityHubTakesTheFindings(t *testing.T) {
	m := startMoto(t)
	dir := t.TempDir()
	file := filepath.Join(dir, "out.asff.json")
	require.Equal(t, 2, ctcw(t, nil, "check", "--demo", "cloudtrail_cloudwatch", "--export", file).code)
	text, err := os.ReadFile(file)
	require.NoError(t, err)
	var findings []map[string]any
	require.NoError(t, json.Unmarshal(text, &findings))
	imported := 0
	for batch := range slices.Chunk(findings, 100) {
		input, err := json.Marshal(map[string]any{"Findings": batch})
		require.NoError(t, err)
		request := filepath.Join(dir, "batch.json")
		require.NoError(t, os.WriteFile(request, input, 0o600))
		out, err := m.shell("aws --endpoint-url " + m.url + " securityhub batch-import-findings --output json --cli-input-json file://" + request)
		require.NoError(t, err, out)
		var answer struct{ SuccessCount, FailedCount int }
		require.NoError(t, json.Unmarshal([]byte(out), &answer), out)
		assert.Zero(t, answer.FailedCount, out)
		imported += answer.SuccessCount
	}
	assert.Equal(t, len(findings), imported)
}
