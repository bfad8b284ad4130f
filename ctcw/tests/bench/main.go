// Command bench measures the plugin on the sample organization and prints one table: calls, time, memory.
// The endpoint, the plugin and the loop it is compared with each run in a process of their own, so that
// none spoils the numbers of another.
//
//	go run ./ctcw/tests/bench -binary bin/steampipe-plugin-ctcw
//
// It fails when a number of calls, rows or verdicts is not as it must be. Times and memory depend on the
// machine and on what else it does: they are reported, and nothing more.
package main

import (
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"log"
	"os"
)

// children are the parts of the benchmark that run in a process of their own: the task comes as an argument,
// what is found goes to standard output.
var children = map[string]func(task []byte) error{
	"serve": serve,
	"ask":   child(ask),
	"bare":  child(bare),
}

func main() {
	if len(os.Args) == 3 && children[os.Args[1]] != nil {
		exit(children[os.Args[1]]([]byte(os.Args[2])))
	}
	log.SetOutput(io.Discard) // the SDK's client traces there
	binary := flag.String("binary", "bin/steampipe-plugin-ctcw", "the plugin's release `binary`")
	flag.Parse()
	exit(run(*binary))
}

func exit(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
	os.Exit(0)
}

func run(binary string) error {
	var t table
	for _, part := range []func(*table) error{
		oneAccount,
		manyAccounts,
		func(t *table) error { return release(t, binary) },
		typicalQueries,
		chain,
	} {
		if err := part(&t); err != nil {
			return err
		}
	}
	t.print(os.Stdout)
	if t.wrong > 0 {
		return fmt.Errorf("%d counts are not as they must be", t.wrong)
	}
	return nil
}

// child makes a part of the benchmark of a function from its task to its result.
func child[Task, Result any](do func(Task) (Result, error)) func([]byte) error {
	return func(encoded []byte) error {
		var task Task
		if err := json.Unmarshal(encoded, &task); err != nil {
			return err
		}
		result, err := do(task)
		if err != nil {
			return err
		}
		return json.NewEncoder(os.Stdout).Encode(result)
	}
}
