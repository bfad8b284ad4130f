package docs

import (
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"github.com/turbot/steampipe-plugin-sdk/v5/grpc/proto"

	"github.com/ctcw/steampipe-plugin-ctcw/ctcw/sample"
)

var everyPolicy = []string{"base", "tags", "alarms", "arrival", "organization"}

// actions returns what the policies allow, sorted.
func actions(t *testing.T, names ...string) []string {
	t.Helper()
	var all []string
	for _, name := range names {
		var policy struct {
			Statement []struct {
				Effect string
				Action any
			}
		}
		require.NoError(t, json.Unmarshal([]byte(read(t, "docs/iam/"+name+".json")), &policy), name)
		for _, s := range policy.Statement {
			require.Equal(t, "Allow", s.Effect)
			if one, ok := s.Action.(string); ok {
				s.Action = []any{one}
			}
			for _, action := range s.Action.([]any) {
				all = append(all, action.(string))
			}
		}
	}
	slices.Sort(all)
	return all
}

// forget has the plugin open a connection anew, with nothing in memory of what it asked before.
func (d *demo) forget(t *testing.T, name string) {
	t.Helper()
	opened++
	config := d.configs[name] + fmt.Sprintf("min_error_retry_delay = %d\n", opened)
	require.NoError(t, d.take(&proto.UpdateConnectionConfigsRequest{Changed: []*proto.ConnectionConfig{{Connection: name, Config: config}}}))
}

var opened int

// called returns the actions that a query over a connection calls, but for the one that needs no permission.
func (d *demo) called(t *testing.T, columns, connection, table string) []string {
	t.Helper()
	d.forget(t, connection)
	d.endpoint.ResetCalls()
	sql := "select " + columns + " from " + connection + "." + table
	got, err := d.query(sql)
	require.NoError(t, err)
	require.NotEmpty(t, got.rows)
	unique := map[string]bool{}
	for call := range d.endpoint.Calls().ByCall() {
		unique[call.Action] = true
	}
	delete(unique, "sts:GetCallerIdentity")
	return slices.Sorted(maps.Keys(unique))
}

// TestThePoliciesAllowWhatIsCalledAndNothingElse compares each with the calls that the sample endpoint saw.
func TestThePoliciesAllowWhatIsCalledAndNothingElse(t *testing.T) {
	d := startDemo(t)
	optional := regexp.MustCompile("^(tags|management_events|event_selectors)")
	plain := strings.Join(slices.DeleteFunc(columnNames(table), optional.MatchString), ", ")
	assert.Equal(t, actions(t, "base"), d.called(t, plain, single, table))
	assert.Equal(t, actions(t, "base", "tags"), d.called(t, plain+", tags", single, table))
	assert.Equal(t, actions(t, "base", "tags", "organization"), d.called(t, plain+", tags", organization, table))
	// Who is not allowed more than the first table needs has all of it but these columns.
	assert.Subset(t, actions(t, "base", "tags", "alarms"), d.called(t, "*", single, table))
	assert.Equal(t, actions(t, "base", "alarms", "organization"), d.called(t, "*", organization, "cloudtrail_cloudwatch_alarm_status"))
	assert.Subset(t, actions(t, "base", "arrival", "organization"), d.called(t, "*", organization, "cloudtrail_cloudwatch_arrival"))
}

// TestNothingElseCanBeCalledInAnyTest: what the policies do not allow, the endpoint that all tests ask does not serve.
func TestNothingElseCanBeCalledInAnyTest(t *testing.T) {
	served := slices.DeleteFunc(sample.Actions(), func(action string) bool { return action == "sts:GetCallerIdentity" })
	assert.Equal(t, actions(t, everyPolicy...), served)
}

func TestTheMemberRoleMayDoWhatThePoliciesSay(t *testing.T) {
	_, policies, ok := strings.Cut(read(t, "docs/iam/member-role.yaml"), "\n      Policies:\n")
	require.True(t, ok)
	var got []string
	for _, m := range regexp.MustCompile(`(?m)^ +- (\w+:\w+)$`).FindAllStringSubmatch(policies, -1) {
		got = append(got, m[1])
	}
	assert.Equal(t, actions(t, "base", "tags", "alarms", "arrival"), got)
}

func TestTheIndexPageShowsThePolicies(t *testing.T) {
	var shown []string
	for _, b := range language(blocks(read(t, indexPage)), "json", "yaml") {
		shown = append(shown, b.text)
	}
	files, err := os.ReadDir(root + "docs/iam")
	require.NoError(t, err)
	require.NotEmpty(t, files)
	for _, f := range files {
		assert.Contains(t, shown, read(t, "docs/iam/"+f.Name()), f.Name())
		assert.Contains(t, read(t, indexPage), "](iam/"+f.Name()+")")
	}
	// README says it in a sentence.
	for _, action := range actions(t, everyPolicy...) {
		assert.Contains(t, read(t, "README.md"), "`"+action+"`")
	}
}
