// Package program builds the program for tests of it from outside, and keeps the machine's own set-up from them.
package program

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
)

// Isolate keeps AWS settings and credentials of the machine from the tests of this process, and the SDK's log from
// their output.
func Isolate() {
	for _, variable := range os.Environ() {
		if name, _, _ := strings.Cut(variable, "="); strings.HasPrefix(name, "AWS_") {
			os.Unsetenv(name)
		}
	}
	os.Setenv("AWS_CONFIG_FILE", os.DevNull)
	os.Setenv("AWS_SHARED_CREDENTIALS_FILE", os.DevNull)
	os.Setenv("AWS_EC2_METADATA_DISABLED", "true")
	os.Setenv("STEAMPIPE_LOG_LEVEL", "OFF")
}

// folder is where Path builds, once it has.
var folder string

// Path returns the path of the program. It is built the first time, as it is released but for its version;
// CTCW_BINARY names one that is built already.
var Path = sync.OnceValues(func() (string, error) {
	if path := os.Getenv("CTCW_BINARY"); path != "" {
		return path, nil
	}
	var err error
	if folder, err = os.MkdirTemp("", "ctcw"); err != nil {
		return "", err
	}
	path := filepath.Join(folder, "steampipe-plugin-ctcw")
	cmd := exec.Command("go", "build", "-o", path, "github.com/ctcw/steampipe-plugin-ctcw")
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := cmd.CombinedOutput(); err != nil {
		return "", fmt.Errorf("cannot build the program: %w\n%s", err, out)
	}
	return path, nil
})

// Run runs the tests of a package and removes what Path built. It returns the exit code.
func Run(m *testing.M) int {
	defer func() {
		if folder != "" {
			os.RemoveAll(folder)
		}
	}()
	return m.Run()
}
