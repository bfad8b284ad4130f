package cli

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/spf13/pflag"

	"github.com/ctcw/steampipe-plugin-ctcw/ctcw/standalone/output"
)

// csvFlags say how to write CSV.
type csvFlags struct {
	separator string
	escape    bool
}

func (f *csvFlags) add(flags *pflag.FlagSet) {
	flags.StringVar(&f.separator, "separator", ",", "separator of csv, one character or \\t")
	addEscape(flags, &f.escape)
}

func addEscape(flags *pflag.FlagSet, escape *bool) {
	flags.BoolVar(escape, "escape-formulas", false, "put a ' before csv cells that a spreadsheet would run: those that begin with = + - @, a tab or a line break")
}

func (f *csvFlags) options() (output.CSVOptions, error) {
	comma, err := separatorOf(f.separator)
	return output.CSVOptions{Separator: comma, EscapeFormulas: f.escape}, err
}

func separatorOf(s string) (rune, error) {
	if s == `\t` {
		return '\t', nil
	}
	r, size := utf8.DecodeRuneInString(s)
	if size == 0 || size != len(s) || strings.ContainsRune("\"\r\n", r) || r == utf8.RuneError {
		return 0, fmt.Errorf("--separator %q is not one character that can separate values", s)
	}
	return r, nil
}
