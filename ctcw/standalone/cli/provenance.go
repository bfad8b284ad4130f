package cli

import (
	"cmp"
	"encoding/json"
	"slices"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/convert"
	ctyjson "github.com/zclconf/go-cty/cty/json"

	"github.com/ctcw/steampipe-plugin-ctcw/ctcw/aws/account"
	"github.com/ctcw/steampipe-plugin-ctcw/ctcw/standalone/engine"
	"github.com/ctcw/steampipe-plugin-ctcw/ctcw/standalone/evidence"
)

// reached returns the connections that a target stands for, the target last.
func reached(all []engine.Connection, target string) []engine.Connection {
	var found []engine.Connection
	for _, c := range all {
		if c.Name != target {
			continue
		}
		for _, child := range c.Children {
			found = append(found, reached(all, child)...)
		}
		found = append(found, c)
	}
	return found
}

// recorded are the arguments of a connection that a file of runs keeps. The others are credentials, or may be used as
// such: a file goes to auditors.
var recorded = []string{
	"profile", "regions", "default_region", "endpoint_url", "accounts", "skip_accounts", "role_name", "role_session_name", "exempt",
	"ignore_error_codes", "ignore_error_messages", "max_error_retry_attempts", "min_error_retry_delay",
}

const notRecorded = "(set, not recorded)"

// recordOf returns connections as a file of runs keeps them.
func recordOf(connections []engine.Connection) []evidence.Connection {
	var record []evidence.Connection
	for _, c := range connections {
		record = append(record, evidence.Connection{Name: c.Name, Arguments: argumentsOf(c.Config), Children: c.Children})
	}
	return record
}

func argumentsOf(config string) map[string]any {
	arguments := map[string]any{}
	file, diags := hclsyntax.ParseConfig([]byte(config), "connection", hcl.InitialPos)
	if diags.HasErrors() {
		return nil // the plugin has refused it already
	}
	attributes, _ := file.Body.JustAttributes()
	for name, attribute := range attributes {
		arguments[name] = notRecorded
		if !slices.Contains(recorded, name) {
			continue
		}
		value, diags := attribute.Expr.Value(nil)
		if diags.HasErrors() {
			continue
		}
		if name == "endpoint_url" && !value.IsNull() {
			if address, err := convert.Convert(value, cty.String); err == nil {
				arguments[name] = cmp.Or(account.PublicURL(address.AsString()), notRecorded)
			}
		} else if text, err := ctyjson.Marshal(value, value.Type()); err == nil {
			arguments[name] = json.RawMessage(text)
		}
	}
	return arguments
}
