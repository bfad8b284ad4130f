package cli

import (
	"errors"

	"github.com/spf13/cobra"
)

// exactArgs is cobra's, with words of our own.
func exactArgs(n int, usage string) cobra.PositionalArgs {
	return func(_ *cobra.Command, args []string) error {
		if len(args) != n {
			return errors.New(usage)
		}
		return nil
	}
}
