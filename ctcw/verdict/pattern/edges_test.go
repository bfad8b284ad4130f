package pattern

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

// What follows from the rules that were observed, at their edges.
func TestFieldsAtTheirEdges(t *testing.T) {
	check(t, []example{
		{"one", `[a = "y z"]`, "y z", true}, // the first field is the last, too
		{"one", `[a = *z]`, "y z", true},
		{"one", `[a = y]`, "y z", false},
		{"quoted", `[a, b = ""]`, `x ""`, true},
		{"quoted", `[a = "", b]`, `"" x`, true},
		{"quoted", `[a = "", b]`, `[] x`, true},
		{"quoted", `[a = x, b]`, `"x" y`, true},
		{"quoted", `[a, b = "\"y"]`, `x "y`, true},
	})
}

func TestNullInAnArray(t *testing.T) {
	check(t, []example{
		{"null", "{ $.v IS NULL }", `{"v":[1]}`, false},
		{"null", "{ $.v IS NULL }", `{"v":[null]}`, true},
		{"null", "{ $.v IS NULL }", `{"v":[1,[null]]}`, false},
	})
}

func TestHexadecimalDigits(t *testing.T) {
	for _, digits := range []string{"00", "09", "0a", "0f", "0A", "0F", "7F"} {
		_, err := Parse(`%a\x` + digits + `%`)
		assert.NoError(t, err, digits)
	}
	for _, digits := range []string{"0g", "0G", "0@", "0`", "0:", "0/", "80", "8a", "a0", "0", ""} {
		_, err := Parse(`%a\x` + digits + `%`)
		assert.Error(t, err, digits)
	}
	check(t, []example{
		{"regex", `%\x41\x5a%`, "xAZx", true},
		{"regex", `%\x4f%`, "xOx", true},
		{"regex", `%\x7e%`, "x", false},
	})
}

// Each of the characters that AWS's guide lists, where it may stand.
func TestCharactersOfARegularExpression(t *testing.T) {
	for _, c := range regexSymbols + regexOperators {
		for _, text := range []string{`%a\` + string(c) + `%`, `%[a\` + string(c) + `]%`} {
			_, err := Parse(text)
			assert.NoError(t, err, text)
		}
	}
	for _, c := range regexSymbols {
		for _, text := range []string{`%a` + string(c) + `%`, `%[a` + string(c) + `]%`} {
			_, err := Parse(text)
			assert.NoError(t, err, text)
		}
	}
	for _, c := range `^$?{}|*+.` { // those that are none in brackets
		_, err := Parse(`%[a` + string(c) + `]%`)
		assert.NoError(t, err, string(c))
	}
	for _, c := range `dDsSwW` {
		_, err := Parse(`%a\` + string(c) + `%`)
		assert.NoError(t, err, string(c))
	}
}
