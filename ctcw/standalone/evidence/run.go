package evidence

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/ctcw/steampipe-plugin-ctcw/ctcw/aws/account"
	"github.com/ctcw/steampipe-plugin-ctcw/ctcw/base/amount"
	"github.com/ctcw/steampipe-plugin-ctcw/ctcw/standalone/engine"
)

// Provenance says who took a run, how and when.
type Provenance struct {
	Started     time.Time
	Finished    time.Time // zero: when the last row came
	Version     string    // of this program
	Source      string    // connection, profile or demo, in a word
	Callers     []string  // ARNs of the identities that asked
	Connections []Connection
	Calls       int64 // API calls, retries not counted
	Throttled   int64
}

// Connection is a connection that was asked, and its arguments without secrets.
type Connection struct {
	Name      string         `json:"name"`
	Arguments map[string]any `json:"arguments,omitempty"`
	Children  []string       `json:"children,omitempty"` // of an aggregator
}

// Run is one scan of all tables, as a file keeps it.
type Run struct {
	ID int64
	Provenance
	// CheckedAt is when AWS was asked last, by the column checked_at.
	CheckedAt time.Time
	Accounts  int // that were asked
	// NotReadable says why, for each account of which nothing could be read, or which could not list the others.
	NotReadable map[string]string
	// NotScanned has, for each account, the regions that could not be listed and the error's code.
	NotScanned map[string]map[string]string
	// LeftOut are regions that the connection does not ask for.
	LeftOut []string
	// Complete says that every account was readable and every region to be scanned was.
	Complete bool
	Tables   map[string]int // how many rows each has

	PreviousHash, ContentHash, Hash string
}

// Title names a run for a person.
func (r Run) Title() string {
	title := fmt.Sprintf("run %d of %s", r.ID, r.CheckedAt.UTC().Format("2006-01-02 15:04:05"))
	if !r.Complete {
		title += " (incomplete: " + r.Missing() + ")"
	}
	return title
}

// Missing says what an incomplete run lacks.
func (r Run) Missing() string {
	var parts []string
	n := len(r.NotReadable)
	for _, why := range r.NotReadable {
		if account.SaysMissing(why) {
			n--
		}
	}
	if r.Unlisted() != "" {
		parts = append(parts, "accounts that could not be listed")
	}
	if n > 0 {
		parts = append(parts, amount.Of(n, "account")+" not readable")
	}
	if n := len(r.NotScanned); n > 0 {
		parts = append(parts, "regions not scanned in "+amount.Of(n, "account"))
	}
	return strings.Join(parts, ", ")
}

// Unlisted says why accounts are missing: not all could be listed. It is empty when none is.
func (r Run) Unlisted() string {
	for _, asked := range slices.Sorted(maps.Keys(r.NotReadable)) {
		if why := r.NotReadable[asked]; account.SaysMissing(why) {
			return why
		}
	}
	return ""
}

// notSelected is the code of a region that is left out on purpose.
const notSelected = "NotSelected"

// survey reads from the rows what was asked and what could not be read. It knows tables by their columns.
func (r *Run) survey(tables []table) {
	asked, leftOut := map[string]bool{}, map[string]bool{}
	r.NotReadable, r.NotScanned, r.Tables = map[string]string{}, map[string]map[string]string{}, map[string]int{}
	for _, t := range tables {
		r.Tables[t.name] = len(t.rows)
		for _, row := range t.rows {
			id := t.text(row, "account_id")
			if id == "" {
				continue
			}
			asked[id] = true
			if at, ok := t.value(row, "checked_at").(time.Time); ok && at.After(r.CheckedAt) {
				r.CheckedAt = at
			}
			if t.text(row, "arn") == "" && t.text(row, "exempt_reason") == "" && t.unknown(row) {
				r.NotReadable[id] = firstOf(t.text(row, "scan_error"), t.text(row, "status_reason"), "no reason was given")
			}
			for region, code := range t.regions(row) {
				switch {
				case code == notSelected:
					leftOut[region] = true
				case r.NotScanned[id] == nil:
					r.NotScanned[id] = map[string]string{region: code}
				default:
					r.NotScanned[id][region] = code
				}
			}
		}
	}
	for id, why := range r.NotReadable {
		if !account.SaysMissing(why) {
			delete(r.NotScanned, id) // none of its regions was scanned
		}
	}
	r.Accounts = len(asked)
	r.LeftOut = slices.Sorted(maps.Keys(leftOut))
	r.Complete = len(r.NotReadable) == 0 && len(r.NotScanned) == 0
	if r.CheckedAt.IsZero() {
		r.CheckedAt = r.Finished
	}
}

func firstOf(all ...string) string {
	for _, s := range all {
		if s != "" {
			return s
		}
	}
	return ""
}

// table is what one table of the plugin held.
type table struct {
	name    string
	columns []engine.Column
	index   map[string]int
	rows    [][]any
}

func newTable(name string, columns []engine.Column) table {
	t := table{name: name, columns: columns, index: map[string]int{}}
	for i, c := range columns {
		t.index[c.Name] = i
	}
	return t
}

// value returns a cell, nil where there is no such column.
func (t table) value(row []any, column string) any {
	if i, ok := t.index[column]; ok {
		return row[i]
	}
	return nil
}

func (t table) text(row []any, column string) string {
	s, _ := t.value(row, column).(string)
	return s
}

// unknown reports whether a status column says that nothing is known.
func (t table) unknown(row []any) bool {
	for i, c := range t.columns {
		if strings.HasSuffix(c.Name, "_status") && row[i] == "unknown" {
			return true
		}
	}
	return false
}

// regions are those of the account that were not scanned, with the error's code.
func (t table) regions(row []any) map[string]string {
	raw, ok := t.value(row, "unscanned_regions").(json.RawMessage)
	if !ok || t.text(row, "exempt_reason") != "" && t.text(row, "arn") == "" {
		return nil
	}
	var codes map[string]string
	if json.Unmarshal(raw, &codes) != nil {
		return nil // a column of another kind
	}
	return codes
}

// Rows counts those of all tables.
func (r Run) Rows() int {
	n := 0
	for _, rows := range r.Tables {
		n += rows
	}
	return n
}
