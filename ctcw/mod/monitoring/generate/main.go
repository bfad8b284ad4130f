// Command generate writes the mod's files that are the same for many versions and classes.
package main

import (
	"fmt"
	"os"
	"path/filepath"

	"github.com/ctcw/steampipe-plugin-ctcw/ctcw/mod/monitoring"
)

func main() {
	if err := write("."); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// write writes the files into the mod's folder.
func write(folder string) error {
	files, err := monitoring.Files()
	if err != nil {
		return err
	}
	for path, text := range files {
		if err := os.WriteFile(filepath.Join(folder, filepath.FromSlash(path)), text, 0o644); err != nil {
			return err
		}
	}
	return nil
}
