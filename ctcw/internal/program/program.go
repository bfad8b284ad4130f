// Package program builds the program, for tests of it from outside.
package program

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
)

// Build builds the program in a folder, as it is released but for its version, and returns its path. With
// CTCW_BINARY set it returns that instead: one that is built already.
func Build(dir string) (string, error) {
	if path := os.Getenv("CTCW_BINARY"); path != "" {
		return path, nil
	}
	path := filepath.Join(dir, "steampipe-plugin-ctcw")
	cmd := exec.Command("go", "build", "-o", path, "github.com/ctcw/steampipe-plugin-ctcw")
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := cmd.CombinedOutput(); err != nil {
		return "", fmt.Errorf("cannot build the program: %w\n%s", err, out)
	}
	return path, nil
}
