package cli

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/ctcw/steampipe-plugin-ctcw/ctcw/base/amount"
	"github.com/ctcw/steampipe-plugin-ctcw/ctcw/mod"
)

func newMod() *cobra.Command {
	var force bool
	cmd := &cobra.Command{
		Use:   "mod DIR",
		Short: "Write the embedded Powerpipe mod to a folder",
		Long:  "Write the embedded Powerpipe mod to a folder, for powerpipe --mod-location DIR. A file that was changed there is kept.",
		Example: `  steampipe-plugin-ctcw mod ctcw-mod
  powerpipe benchmark run ctcw.benchmark.cis_v200 --mod-location ctcw-mod`,
		Args: exactArgs(1, "mod takes one argument: the folder to write to"),
		RunE: func(cmd *cobra.Command, args []string) error {
			n, err := writeMod(args[0], force)
			if err != nil {
				return err
			}
			fmt.Fprintf(cmd.ErrOrStderr(), "Wrote %s to %s.\n", amount.Of(n, "file"), args[0])
			return nil
		},
	}
	cmd.Flags().BoolVar(&force, "force", false, "replace files that were changed")
	return cmd
}

// writeMod writes the files that are not there already, all or none: a changed one stops it before the first.
func writeMod(dir string, force bool) (int, error) {
	if info, err := os.Stat(dir); err == nil && !info.IsDir() {
		return 0, fmt.Errorf("%s is a file: name the folder to write the mod to", dir)
	}
	files := map[string][]byte{}
	err := fs.WalkDir(mod.Files(), ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		want, err := fs.ReadFile(mod.Files(), name)
		if err != nil {
			return err
		}
		path := filepath.Join(dir, filepath.FromSlash(name))
		have, err := os.ReadFile(path)
		switch {
		case errors.Is(err, fs.ErrNotExist):
		case err != nil:
			return err
		case bytes.Equal(have, want):
			return nil
		case !force:
			return fmt.Errorf("%s was changed: use --force to replace it", path)
		}
		files[path] = want
		return nil
	})
	if err != nil {
		return 0, err
	}
	for path, text := range files {
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			return 0, err
		}
		if err := os.WriteFile(path, text, 0o644); err != nil {
			return 0, err
		}
	}
	return len(files), nil
}
