package spc_test

import (
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/ctcw/steampipe-plugin-ctcw/ctcw/standalone/spc"
)

func TestParse(t *testing.T) {
	connections, err := spc.Parse([]byte(`
plugin "audit" {
  source = "local/ctcw"
}
connection "b_prod" {
  plugin  = "local/ctcw"
  type    = "plugin"
  profile = "prod" # the auditors' role
  regions = ["eu-*",
             "us-east-1"]
  exempt  = { "arn:aws:cloudtrail:*:trail/siem" = "goes to the SIEM" }
}
connection "b_test" { plugin = plugin.audit }
connection "all" {
  plugin      = "ctcw/ctcw@latest"
  type        = "aggregator"
  connections = ["b_*"]
}
connection "aws" {
  plugin = "aws"
  profile = "other"
}
`), "ctcw.spc")
	require.NoError(t, err)
	require.Len(t, connections, 3)
	assert.Equal(t, "all", connections[0].Name)
	assert.Equal(t, []string{"b_prod", "b_test"}, connections[0].Children)
	assert.Equal(t, "b_prod", connections[1].Name)
	assert.Nil(t, connections[1].Children)
	assert.Equal(t, `profile = "prod"
regions = ["eu-*",
             "us-east-1"]
exempt = { "arn:aws:cloudtrail:*:trail/siem" = "goes to the SIEM" }
`, connections[1].Config())
	assert.Empty(t, connections[2].Config())

	connections[1].Set("profile", `"test"`)
	assert.Contains(t, connections[1].Config(), `profile = "test"`)
	assert.NotContains(t, connections[1].Config(), "prod")
}

func TestParseErrorsSayWhatAndWhere(t *testing.T) {
	cases := map[string]string{
		"connection \"a\" {\n plugin = \"ctcw\"\n exempt {\n }\n}": "ctcw.spc line 3: A block exempt { … } is not expected here: an argument is written with =",
		`connection "a" {`:                     "ctcw.spc line 1: Unclosed configuration block",
		`connection { plugin = "ctcw" }`:       "ctcw.spc line 1: a connection block has one label",
		`connection "a" {}`:                    `ctcw.spc line 1: connection "a" names no plugin`,
		`connection "a" { plugin = 3 }`:        "ctcw.spc line 1: plugin must be a string",
		`connection "a" { plugin = plugin.b }`: `there is no plugin block "b"`,
		`connection "a" { plugin = "aws" }`:    `ctcw.spc holds no connection of plugin "ctcw", only a (plugin "aws")`,
		``:                                     `ctcw.spc holds no connection of plugin "ctcw"`,
		"connection \"a\" {\n plugin=\"ctcw\"\n connections=3\n}":                          "ctcw.spc line 3: connections must be a list of strings",
		"connection \"a\" {\n plugin=\"ctcw\"\n}\nconnection \"a\" {\n plugin=\"ctcw\"\n}": `ctcw.spc line 4: a second connection is named "a"`,
	}
	for source, want := range cases {
		_, err := spc.Parse([]byte(source), "ctcw.spc")
		assert.ErrorContains(t, err, want, source)
	}
	_, err := spc.Read(filepath.Join(t.TempDir(), "none.spc"))
	assert.ErrorContains(t, err, "cannot read the connection file")
	assert.ErrorContains(t, err, "none.spc")
}

func TestDefaultPathFollowsSteampipe(t *testing.T) {
	t.Setenv("STEAMPIPE_INSTALL_DIR", "/opt/steampipe")
	assert.Equal(t, filepath.FromSlash("/opt/steampipe/config/ctcw.spc"), spc.DefaultPath())
}

func TestAnArgumentOfTheWrongNameOrTypeIsNamed(t *testing.T) {
	for source, want := range map[string]string{
		"regions = \"eu-west-1\"":   "ctcw.spc line 3: regions: list of string required",
		"exempt = [\"a\"]":          "ctcw.spc line 3: exempt: map of string required",
		"attempts = \"many\"":       "ctcw.spc line 3: attempts: a number is required",
		"regions = [\"${nope}\"]":   "ctcw.spc line 3: regions: Variables may not be used here.",
		"regions = [\"eu-west-1\"]": "",
		"attempts = \"3\"":          "",
		"unheard = 1":               "ctcw.spc line 3: An argument named \"unheard\" is not expected here",
		"region = \"eu-west-1\"":    "ctcw.spc line 3: An argument named \"region\" is not expected here (did you mean \"regions\"?)",
	} {
		connections, err := spc.Parse([]byte("connection \"ctcw\" {\n plugin = \"ctcw\"\n "+source+"\n}"), "ctcw.spc")
		require.NoError(t, err)
		err = connections[0].Check(&struct {
			Regions  []string          `hcl:"regions,optional"`
			Exempt   map[string]string `hcl:"exempt,optional"`
			Attempts *int              `hcl:"attempts,optional"`
		}{})
		if want == "" {
			assert.NoError(t, err)
		} else {
			assert.EqualError(t, err, want)
		}
	}
}
