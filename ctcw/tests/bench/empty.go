package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"time"
)

// emptyPlugin is the package of a plugin that does nothing.
const emptyPlugin = "github.com/ctcw/steampipe-plugin-ctcw/ctcw/tests/bench/empty"

// besideEmpty measures the release binary beside a plugin that does nothing, of the same SDK and built the same way.
func besideEmpty(t *table, binary string) error {
	const (
		mostSize   = 1.7
		mostMemory = 1.35
	)
	t.section("k. Beside an empty plugin on the same SDK")
	folder, err := os.MkdirTemp("", "ctcw-bench")
	if err != nil {
		return err
	}
	defer os.RemoveAll(folder)
	empty := filepath.Join(folder, "empty")
	build := exec.Command("go", "build", "-ldflags", "-s -w", "-o", empty, emptyPlugin)
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		return fmt.Errorf("cannot build the empty plugin: %w\n%s", err, out)
	}
	e, err := startEndpoint(organization{Accounts: 1, Trails: 1})
	if err != nil {
		return err
	}
	defer e.stop()
	least, err := weigh(empty, e)
	if err != nil {
		return err
	}
	ours, err := weigh(binary, e)
	if err != nil {
		return err
	}
	t.report("size", fmt.Sprintf("%s MiB, empty %s MiB", number(ours.size), number(least.size)))
	t.atMost("size : that of the empty one", "", ours.size/least.size, mostSize)
	t.report("memory at rest", fmt.Sprintf("%s MiB, empty %s MiB", number(ours.resting), number(least.resting)))
	t.atMost("memory at rest : that of the empty one", "", ours.resting/least.resting, mostMemory)
	return nil
}

// weight is what a plugin takes that is not asked anything, in MiB.
type weight struct{ size, resting float64 }

func weigh(binary string, e *endpoint) (w weight, err error) {
	const runs = 3
	file, err := os.Stat(binary)
	if err != nil {
		return w, err
	}
	var resting []float64
	for range runs {
		now, err := atRest(binary, e)
		if err != nil {
			return w, err
		}
		resting = append(resting, now)
	}
	return weight{float64(file.Size()) / (1 << 20), median(resting)}, nil
}

// atRest returns the memory of a plugin that has its connection and has not been asked yet.
func atRest(binary string, e *endpoint) (float64, error) {
	p, err := startPlugin(binary, e.connection(false))
	if err != nil {
		return 0, err
	}
	defer p.kill()
	time.Sleep(time.Second)
	return memory(strconv.Itoa(p.pid), "VmRSS"), nil
}
