package cli

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/ctcw/steampipe-plugin-ctcw/ctcw/mod"
	"github.com/ctcw/steampipe-plugin-ctcw/ctcw/standalone/check"
)

// controlFlags say by which controls the runs of a file are judged.
type controlFlags struct {
	controls []string
	vars     []string
}

func (f *controlFlags) add(cmd *cobra.Command) {
	cmd.Flags().StringArrayVar(&f.controls, "control", nil, "judge by this `control or benchmark`; may be repeated (default: the first benchmark)")
	must(cmd.RegisterFlagCompletionFunc("control", completeControls))
	addVars(cmd, &f.vars)
}

func (f *controlFlags) plan() (*check.Plan, error) { return newPlan(f.controls, f.vars) }

func addVars(cmd *cobra.Command, vars *[]string) {
	cmd.Flags().StringArrayVar(vars, "var", nil, "set a variable of the controls, as `name=value`; may be repeated")
	must(cmd.RegisterFlagCompletionFunc("var", completeVariables))
}

func newPlan(names, vars []string) (*check.Plan, error) {
	m, err := mod.Load()
	if err != nil {
		return nil, err
	}
	set := map[string]string{}
	for _, v := range vars {
		name, value, ok := strings.Cut(v, "=")
		if !ok {
			return nil, fmt.Errorf("--var %q is not name=value", v)
		}
		set[name] = value
	}
	return check.NewPlan(m, names, set)
}
