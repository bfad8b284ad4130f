package main

import (
	"cmp"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"text/tabwriter"
	"time"
)

// table is what the benchmark prints.
type table struct {
	rows  [][]string
	wrong int // counts that are not as they must be
}

// section begins a part of the table, and says on standard error that it is being measured.
func (t *table) section(title string) {
	t.rows = append(t.rows, []string{title})
	progress("measuring %s", title)
}

// report adds what has no target.
func (t *table) report(what, measured string) { t.add(what, measured, "", "") }

// count adds a number that must be right, whatever the machine.
func (t *table) count(what, measured, target string, ok bool) {
	if !ok {
		t.wrong++
	}
	t.add(what, measured, target, verdict(ok))
}

// atMost adds a number that depends on the machine; 0 is one that cannot be told on it.
func (t *table) atMost(what, unit string, measured, target float64) {
	if measured == 0 {
		t.add(what, "not known here", "≤ "+number(target)+unit, "")
		return
	}
	t.add(what, number(measured)+unit, "≤ "+number(target)+unit, verdict(measured <= target))
}

func (t *table) add(row ...string) { t.rows = append(t.rows, row) }

func verdict(ok bool) string {
	if ok {
		return "ok"
	}
	return "MISSED"
}

func number(f float64) string {
	return strings.TrimSuffix(strings.TrimRight(fmt.Sprintf("%.2f", f), "0"), ".")
}

func milliseconds(d time.Duration) string { return fmt.Sprintf("%d ms", d.Milliseconds()) }

// print writes the table as Markdown, its columns aligned.
func (t *table) print(w io.Writer) {
	tw := tabwriter.NewWriter(w, 0, 0, 1, ' ', 0)
	line := func(cells ...string) {
		for len(cells) < 4 {
			cells = append(cells, "")
		}
		fmt.Fprintf(tw, "| %s\t|\n", strings.Join(cells, "\t| "))
	}
	line("what", "measured", "target", "")
	line("---", "---", "---", "---")
	for _, row := range t.rows {
		if len(row) == 1 {
			row[0] = "**" + row[0] + "**"
		}
		line(row...)
	}
	tw.Flush()
}

// calls counts requests by action.
type calls map[string]int

func (c calls) total() int {
	total := 0
	for _, n := range c {
		total += n
	}
	return total
}

// String lists the most frequent first, without the services' names.
func (c calls) String() string {
	actions := slices.SortedFunc(maps.Keys(c), func(a, b string) int {
		return cmp.Or(cmp.Compare(c[b], c[a]), cmp.Compare(a, b))
	})
	var all []string
	for _, action := range actions {
		_, name, _ := strings.Cut(action, ":")
		all = append(all, fmt.Sprintf("%s %d", name, c[action]))
	}
	return strings.Join(all, ", ")
}

func median[T cmp.Ordered](values []T) T {
	values = slices.Sorted(slices.Values(values))
	return values[len(values)/2]
}
