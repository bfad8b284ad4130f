package pattern

import "testing"

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
