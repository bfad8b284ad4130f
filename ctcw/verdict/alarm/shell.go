package alarm

import "github.com/ctcw/steampipe-plugin-ctcw/ctcw/verdict/shell"

var command, option = shell.Command, shell.Option
