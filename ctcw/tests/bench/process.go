package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"time"
)

// command prepares a child process that shares nothing with the machine's own AWS and Steampipe set-up.
func command(program string, arguments ...string) *exec.Cmd {
	cmd := exec.Command(program, arguments...)
	cmd.Stderr = os.Stderr
	for _, variable := range os.Environ() {
		if !strings.HasPrefix(variable, "AWS_") && !strings.HasPrefix(variable, "STEAMPIPE_") {
			cmd.Env = append(cmd.Env, variable)
		}
	}
	cmd.Env = append(cmd.Env, "STEAMPIPE_LOG_LEVEL=OFF", "AWS_EC2_METADATA_DISABLED=true",
		"AWS_CONFIG_FILE="+os.DevNull, "AWS_SHARED_CREDENTIALS_FILE="+os.DevNull)
	return cmd
}

// childCommand prepares a part of the benchmark that runs in a process of its own. It is to be given its task on
// standard input.
func childCommand(name string) (*exec.Cmd, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	return command(self, name), nil
}

// inChild runs a part of the benchmark in a new process. It returns the processor time that it took, too, which other work
// on the machine changes less than the time that passed.
func inChild[Result any](name string, task any) (result Result, worked time.Duration, err error) {
	encoded, err := json.Marshal(task)
	if err != nil {
		return result, 0, err
	}
	cmd, err := childCommand(name)
	if err != nil {
		return result, 0, err
	}
	cmd.Stdin = bytes.NewReader(encoded)
	out, err := cmd.Output()
	if err != nil {
		return result, 0, fmt.Errorf("%s: %w", name, err)
	}
	err = json.Unmarshal(out, &result)
	return result, cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime(), err
}

// memory returns a process's memory in MiB as Linux accounts for it: VmRSS now, VmHWM at its peak. It is 0
// where there is no /proc.
func memory(pid, field string) float64 {
	status, err := os.ReadFile("/proc/" + pid + "/status")
	if err != nil {
		return 0
	}
	_, rest, _ := strings.Cut(string(status), "\n"+field+":")
	fields := strings.Fields(rest)
	if len(fields) == 0 {
		return 0
	}
	kib, _ := strconv.ParseFloat(fields[0], 64) // 0 says that it is not known
	return kib / 1024
}
