package pattern

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
)

// TestObserved holds what AWS's API answered where the guide is silent (see the package's comment), and what follows
// from it and the guide together. Each pattern is held against all values, and matches those listed and no other.
func TestObserved(t *testing.T) {
	const (
		null, yes, no, textYes             = `null`, `true`, `false`, `"true"`
		zero, one, onePoint, oneExp, minus = `0`, `1`, `1.0`, `1e0`, `-1`
		ten, half, textOne, textOnePoint   = `10`, `1.5`, `"1"`, `"1.0"`
		textTen, empty, cat, lower         = `"10"`, `""`, `"Cat"`, `"cat"`
		catalog, wildcat, star, question   = `"Catalog"`, `"WildCat"`, `"a*b"`, `"a?b"`
		array, object, mixed, textNull     = `[]`, `{}`, `[1,"Cat",null]`, `"null"`
		twice, absent                      = `1,"v":2`, ``
	)
	numbers := []string{zero, one, onePoint, oneExp, minus, ten, half, twice}
	texts := []string{textYes, textOne, textOnePoint, textTen, empty, cat, lower, catalog, wildcat, star, question, textNull}
	scalars := slices.Concat(numbers, texts)
	others := []string{null, yes, no, array, object, mixed, absent}
	except := func(list []string, without ...string) []string {
		return slices.DeleteFunc(slices.Clone(list), func(v string) bool { return slices.Contains(without, v) })
	}
	for text, want := range map[string][]string{
		`{ $.v = 1 }`:        {one, onePoint, oneExp, textOne},
		`{ $.v != 1 }`:       except(scalars, one, onePoint, oneExp, textOne),
		`{ $.v = 1e+0 }`:     {one, onePoint, oneExp},
		`{ $.v = -1 }`:       {minus},
		`{ $.v > 1 }`:        {ten, half, twice},
		`{ $.v < 1 }`:        {zero, minus},
		`{ $.v >= 1 }`:       {one, onePoint, oneExp, ten, half, twice},
		`{ $.v <= 1 }`:       {zero, one, onePoint, oneExp, minus},
		`{ $.v = "1" }`:      {one, textOne},
		`{ $.v = "Cat" }`:    {cat},
		`{ $.v != "Cat" }`:   except(scalars, cat),
		`{ $.v = "Cat*" }`:   {cat, catalog},
		`{ $.v = "*Cat" }`:   {cat, wildcat},
		`{ $.v = "a?b" }`:    {question},
		`{ $.v = "" }`:       {empty},
		`{ $.v = %^Cat.*% }`: {cat, catalog},
		`{ $.v = true }`:     {textYes},
		`{ $.v = * }`:        scalars,
		`{ $.v IS NULL }`:    {null, mixed},
		`{ $.v IS TRUE }`:    {yes},
		`{ $.v IS FALSE }`:   {no},
		`{ $.v NOT EXISTS }`: {absent},

		// Not asked, but following.
		`{ $.v = "null" }`:    {textNull},
		`{ $.v = "*" }`:       scalars,
		`{ $.v = Cat }`:       {cat},
		`{ $.v = "*at*" }`:    {cat, lower, catalog, wildcat},
		`{ $.v = "a*b" }`:     {star},
		`{ $.v != "*" }`:      nil,
		`{ $.v != %a% }`:      except(scalars, cat, lower, catalog, wildcat, star, question),
		`{ $.v = %^1% }`:      {one, onePoint, oneExp, ten, half, textOne, textOnePoint, textTen},
		`{ $.v = 1* }`:        {one, onePoint, oneExp, ten, half, textOne, textOnePoint, textTen},
		`{ $.* = "Cat" }`:     {cat},
		`{ $.v[*] = "Cat" }`:  {mixed},
		`{ $.v[*] IS NULL }`:  {mixed},
		`{ $.v[1] = "Cat" }`:  {mixed},
		`{ $.v[3] = "Cat" }`:  nil,
		`{ $.v.x NOT EXISTS}`: slices.Concat(scalars, others),
	} {
		p := parse(t, text)
		for _, v := range slices.Concat(scalars, others) {
			line := `{"v":` + v + `}`
			if v == absent {
				line = `{}`
			}
			assert.Equal(t, slices.Contains(want, v), p.Matches(event(line)), "%s\n%s", text, line)
		}
		for _, line := range []string{`no JSON`, `[{"v":1}]`, `{broken`, `"v"`, `null`, `{"v":1} {"v":1}`} {
			assert.False(t, p.Matches(event(line)), "%s\n%s", text, line)
		}
	}

	const places, other, unnamed = "places", "other", "[]"
	check(t, []example{
		{places, `{ $.a[*] = "hit" }`, `{"a":["miss","hit"]}`, true},
		{places, `{ $.a[*] = "hit" }`, `{"a":{"0":"hit"}}`, true},
		{places, `{ $.a[*] = "hit" }`, `{"a":[["hit"]]}`, false},
		{places, `{ $.a[*] = "hit" }`, `{"a":"hit"}`, false},
		{places, `{ $.* = "hit" }`, `{"a":{"b":"hit"}}`, false},
		{places, `{ $.* = "hit" }`, `{"b":1,"a":"hit"}`, true},
		{places, `{ $.i[*].a = 1 && $.i[*].b = 2 }`, `{"i":[{"a":1},{"b":2}]}`, true},
		{places, `{ $.n.v NOT EXISTS }`, `{"n":null}`, true},
		{places, `{ $.n.v NOT EXISTS }`, `{"n":{}}`, true},
		{places, `{ $.n.v NOT EXISTS }`, `{"n":[{"v":1}]}`, true},
		{places, `{ $.n.v NOT EXISTS }`, `{"n.v":1}`, true},
		{places, `{ $.n.v NOT EXISTS }`, `{"n":{"v":null}}`, false},
		{places, `{ $.m[0][1] = 1 }`, `{"m":[[0,1]]}`, true},

		{other, `" "`, "two words", true},
		{other, `" "`, "one\nword", false},
		{other, "?A ?B -C", "D", true},
		{other, "?A ?B -C", "A C", false},
		{other, "-A", "B", true},
		{other, `A -"B C"`, "A C B", true},
		{other, `A -"B C"`, "A B C", false},

		{other, "[a, b, c > 1000]", "x y 1534 z", false}, // the last field is all of "1534 z"
		{other, "[a, b, c > 1000]", "x y 1534", true},
		{other, "[a, b]", "x", false},
		{other, "[a, b=\"y z\"]", "x y z", true},
		{other, "[a, b=\"y  z\"]", "x y  z ", true},
		{other, "[a, b=\"y z\"]", `x "y z"`, true},
		{other, "[a, ..., b, c]", "x y z", true},
		{other, "[a, ..., b, c]", `x "y z"`, false},
		{other, "[a, ..., b, c=z]", "x\ty\tz", true},
		{other, `[a, b="\"y", c]`, `x "y z`, true},
		{other, `[a="\"x\"y", b]`, `"x"y z`, true}, // not asked: a quote that is closed inside of its field
		{unnamed, "[]", "x", true},
		{unnamed, "[..., a]", "x", true},
		{unnamed, "[...]", "x", true},
	})

	for _, refused := range []string{
		"ERR*", "%^(A|B)%", "%a!%", "%café%", "%A(?= 500)%", "%[abc%",
		"{ $.v = null }", "{ $.v EXISTS }", "{ $.v IS NOT NULL }", "{ $.v == 1 }", "{ !($.v = 1) }",
		"{ $.v > 0 AND $.v < 2 }", `{ "v": [1] }`, `{ $.v > "A" }`, "{ $.v = %(A|B)% }", "{ $.i[*].* = 1 }",
		`{ $..v = "hit" }`, `{ $.a[-1] = "hit" }`, `{ $.a[0:2] = "hit" }`,
		`{ $.a[*] = 1 || $.b[*].c = 1 || $.* = 1 || $.m[*][0] = 0 }`, "{ $.v = %A% || $.v = %B% || $.v = %C% }",
		"[..., a, ...]", "[a, a]", `"A`,
	} {
		_, err := Parse(refused)
		assert.Error(t, err, refused)
	}
}
