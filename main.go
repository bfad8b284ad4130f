// Command steampipe-plugin-ctcw is a Steampipe plugin and, given arguments, a command line that needs
// no Steampipe.
package main

import (
	"github.com/turbot/steampipe-plugin-sdk/v5/plugin"

	"github.com/ctcw/steampipe-plugin-ctcw/ctcw"
)

func main() {
	plugin.Serve(&plugin.ServeOpts{PluginFunc: ctcw.Plugin})
}
