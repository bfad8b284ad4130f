package cli

import (
	"strings"

	"github.com/spf13/cobra"

	"github.com/ctcw/steampipe-plugin-ctcw/ctcw/mod"
	"github.com/ctcw/steampipe-plugin-ctcw/ctcw/standalone/export"
	"github.com/ctcw/steampipe-plugin-ctcw/ctcw/standalone/output"
)

const noFiles = cobra.ShellCompDirectiveNoFileComp

// must is for what only a misspelt flag name in this package makes fail.
func must(err error) {
	if err != nil {
		panic(err)
	}
}

// complete offers the values of a flag.
func complete(cmd *cobra.Command, flag string, values ...string) {
	must(cmd.RegisterFlagCompletionFunc(flag, cobra.FixedCompletions(values, noFiles)))
}

// completeControls offers the benchmarks and controls, with their titles.
func completeControls(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
	m, err := mod.Load()
	if err != nil {
		return nil, cobra.ShellCompDirectiveError
	}
	var names []string
	for _, b := range m.Benchmarks {
		names = append(names, b.Name+"\t"+b.Title)
	}
	for _, c := range m.Everywhere() {
		names = append(names, c.Name+"\t"+c.Title)
	}
	return names, noFiles
}

// completeVariables offers the variables up to their equals sign.
func completeVariables(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
	m, err := mod.Load()
	if err != nil {
		return nil, cobra.ShellCompDirectiveError
	}
	var names []string
	for _, v := range m.Variables {
		names = append(names, v.Name+"=\t"+v.Description)
	}
	return names, noFiles | cobra.ShellCompDirectiveNoSpace
}

// completeExport offers what a name that was begun may end in.
func completeExport(_ *cobra.Command, _ []string, begun string) ([]string, cobra.ShellCompDirective) {
	name, _, _ := strings.Cut(begun[strings.LastIndex(begun, "/")+1:], ".")
	if name == "" {
		return nil, cobra.ShellCompDirectiveDefault
	}
	var names []string
	for _, f := range export.Formats(output.CSVOptions{}) {
		names = append(names, begun[:strings.LastIndex(begun, "/")+1]+name+f.Suffix+"\t"+f.What)
	}
	return names, noFiles
}

// completeQuery offers what is not SQL: the commands, and files of it.
func completeQuery(_ *cobra.Command, args []string, begun string) ([]string, cobra.ShellCompDirective) {
	if len(args) > 0 {
		return nil, noFiles
	}
	if strings.HasPrefix(begun, ".") && !strings.HasPrefix(begun, "./") && !strings.HasPrefix(begun, "..") {
		return dotCommands, noFiles
	}
	return []string{"sql"}, cobra.ShellCompDirectiveFilterFileExt
}

// completeConnections offers the connections of the file that the command would read.
func (f *connectFlags) completeConnections(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
	all, err := f.fromFile()
	if err != nil {
		return nil, cobra.ShellCompDirectiveError
	}
	var names []string
	for _, c := range all {
		names = append(names, c.Name)
	}
	return names, noFiles
}
