// Command bench measures the plugin on the sample organization and prints one table: calls, time, memory.
// The endpoint, the plugin and the loop it is compared with each run in a process of their own, so that
// none spoils the numbers of another.
//
//	go run ./ctcw/tests/bench -binary bin/steampipe-plugin-ctcw [-only g,h]
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
	"strings"
)

// children are the parts of the benchmark that run in a process of their own: the task comes on standard input,
// what is found goes to standard output.
var children = map[string]func() error{
	"serve": serve,
	"ask":   child(ask),
	"bare":  child(bare),
}

func main() {
	if len(os.Args) == 2 && children[os.Args[1]] != nil {
		exit(children[os.Args[1]]())
	}
	log.SetOutput(io.Discard) // the SDK's client traces there
	binary := flag.String("binary", "bin/steampipe-plugin-ctcw", "the plugin's release `binary`")
	only := flag.String("only", "", "measure only these `parts`, as in g,h")
	flag.Parse()
	exit(run(*binary, *only))
}

func exit(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
	os.Exit(0)
}

// part measures something, under the letters that its rows of the table have.
type part struct {
	letters string
	measure func(*table) error
}

func run(binary, only string) error {
	wanted, err := choose([]part{
		{"a", oneAccount},
		{"bc", manyAccounts},
		{"d", func(t *table) error { return release(t, binary) }},
		{"e", typicalQueries},
		{"f", chain},
		{"g", growing},
		{"h", withQuotas},
		{"i", func(t *table) error { return firstRow(t, binary) }},
		{"j", outage},
		{"k", func(t *table) error { return besideEmpty(t, binary) }},
	}, only)
	if err != nil {
		return err
	}
	var t table
	for _, p := range wanted {
		if err := p.measure(&t); err != nil {
			return err
		}
	}
	t.print(os.Stdout)
	if t.wrong > 0 {
		return fmt.Errorf("%d counts are not as they must be", t.wrong)
	}
	return nil
}

// choose leaves the parts that a list of letters names; all of them when it names none.
func choose(parts []part, only string) ([]part, error) {
	if only == "" {
		return parts, nil
	}
	var chosen []part
	for _, p := range parts {
		if strings.ContainsAny(only, p.letters) {
			chosen = append(chosen, p)
		}
	}
	if len(chosen) == 0 {
		return nil, fmt.Errorf("-only %s names no part", only)
	}
	return chosen, nil
}

// child makes a part of the benchmark of a function from its task to its result.
func child[Task, Result any](do func(Task) (Result, error)) func() error {
	return func() error {
		var task Task
		if err := json.NewDecoder(os.Stdin).Decode(&task); err != nil {
			return err
		}
		result, err := do(task)
		if err != nil {
			return err
		}
		return json.NewEncoder(os.Stdout).Encode(result)
	}
}
