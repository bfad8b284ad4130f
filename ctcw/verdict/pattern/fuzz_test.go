package pattern

import (
	"errors"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/require"
)

// FuzzParse hands any text to the parser. It takes it, and then its fixed spelling is an equal pattern, or it says
// where and what is wrong, in one line.
func FuzzParse(f *testing.F) {
	for _, text := range []string{
		"", " ", `" "`, "ERROR", `?a -b "c d" %e+f%`, `"a" - "b"`, `"\"\\"`, "%[^a-z\\d]{,3}|^x$%", `%\x3A\/\.%`, "a-b", "ERR*",
		"{ $.a = x }", `{($.eventName="X*")||($.eventName=*Y)}`, "{ $.a[0][*].['b.c'] >= -1.5e+3 && ($.b IS NULL || $.c NOT EXISTS) }",
		`{ $.* = %a.{2}% }`, `{ $.a != "\"" }`, "{ $.invokedByNOT EXISTS }", "{ $eventName = X }", `{ $.a = X" }`, "{ $.a = null }",
		"{ $.a = .5 }", "{ $.a = 1e99999999999 }", "{((($.a=1)))}", "{ $.ü = \"ü\" }", "\xff",
		"[]", "[a, ..., b = 4* || b != \"5\", ]", "[(a=1 || a=2) && a<3]", "[a=%x%, a]", "[,,]", "[a",
	} {
		f.Add(text)
	}
	events := []Event{
		event(`{"a":"x","b":null,"c":true,"eventName":"XY","n":1.5,"u":{"t":["x",null,{"z":1e400}],"b.c":"ü"},"":""}`),
		event(`{"eventVersion":"1.08","userIdentity":{"type":"Root"},"userAgent":"[aws-cli/2.0 \"x\" y]","eventName":"ERROR"}`),
		event(`a "b c" [d e] 4 "f`), event(``),
	}
	f.Fuzz(func(t *testing.T, text string) {
		p, err := Parse(text)
		if err != nil {
			var wrong *SyntaxError
			require.True(t, errors.As(err, &wrong))
			require.True(t, wrong.Offset >= 1 && wrong.Offset <= utf8.RuneCountInString(text)+1, "%d", wrong.Offset)
			require.NotEmpty(t, wrong.What)
			require.False(t, strings.ContainsAny(err.Error(), "\n\r"), err)
			return
		}
		spelled := p.String()
		same, err := Parse(spelled)
		require.NoError(t, err, spelled)
		require.Equal(t, p, same)
		require.Equal(t, spelled, same.String())
		for _, e := range events {
			require.Equal(t, p.Matches(e), same.Matches(e), e.text)
		}
	})
}
