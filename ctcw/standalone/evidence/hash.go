package evidence

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"hash"
	"math"
	"slices"
	"strings"
)

// A hash is over cells, not over bytes of the file: SQLite may move its pages about as it likes. A cell is written as
// the column's name, the kind of the value and the value; nulls are left out, so that a column which a later version
// adds changes nothing in older runs.

// digest writes values so that no two sequences of them give the same bytes.
type digest struct{ hash.Hash }

func newDigest() digest { return digest{sha256.New()} }

func (d digest) text(s string) {
	var length [8]byte
	binary.BigEndian.PutUint64(length[:], uint64(len(s)))
	d.Write(length[:])
	d.Write([]byte(s))
}

func (d digest) hex() string { return hex.EncodeToString(d.Sum(nil)) }

// row writes the cells of a row; order has the positions of the columns in the order of their names.
func (d digest) row(columns []string, order []int, values []any) {
	for _, i := range order {
		if values[i] == nil {
			continue
		}
		d.text(columns[i])
		d.cell(values[i])
	}
	d.text("")
}

// cell writes a value as SQLite holds it.
func (d digest) cell(v any) {
	switch v := v.(type) {
	case int64:
		d.text("i")
		d.text(fmt.Sprint(v))
	case float64:
		d.text("f")
		d.text(fmt.Sprintf("%016x", math.Float64bits(v)))
	case string:
		d.text("t")
		d.text(v)
	default: // nothing that this program writes
		d.text("x")
		d.text(fmt.Sprintf("%T %v", v, v))
	}
}

// inOrder returns the positions of the columns in the order of their names.
func inOrder(columns []string) []int {
	order := make([]int, len(columns))
	for i := range order {
		order[i] = i
	}
	slices.SortFunc(order, func(a, b int) int { return strings.Compare(columns[a], columns[b]) })
	return order
}

// header begins a table within the content of a run.
func (d digest) header(table string, columns, types []string, order []int) {
	d.text(table)
	for _, i := range order {
		d.text(columns[i])
		d.text(types[i])
	}
	d.text("")
}

// chain is a run's own hash: what it says of itself, its content, and the run before.
func chain(previous string, columns []string, values []any, content string) string {
	d := newDigest()
	d.text("ctcw run, version 1")
	d.text(previous)
	d.row(columns, inOrder(columns), values)
	d.text(content)
	return d.hex()
}
