package pattern

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// model is a pattern as the tests know it: a condition, or several that are joined. It is written down and evaluated
// without the package.
type model struct {
	join  string // && or ||, empty for a condition
	parts []model

	path     []string // of the property
	relation string   // one of the six, IS NULL, IS TRUE, IS FALSE or NOT EXISTS
	text     string   // what it is compared with
	quoted   bool
}

// source makes random patterns and events. Both have few properties and few values, so that they meet.
type source struct{ *rand.Rand }

func pick[T any](r source, list ...T) T { return list[r.IntN(len(list))] }

func (r source) path() []string {
	return pick(r, []string{"a"}, []string{"b"}, []string{"c"}, []string{"u", "t"}, []string{"u", "x-y"})
}

func (r source) model(depth int) model {
	if depth > 0 && r.IntN(3) > 0 {
		m := model{join: pick(r, "&&", "||")}
		for range 2 + r.IntN(3) {
			m.parts = append(m.parts, r.model(depth-1))
		}
		return m
	}
	m := model{path: r.path()}
	switch r.IntN(10) {
	case 0:
		m.relation = pick(r, isNull, isTrue, isFalse, notExists)
	case 1, 2:
		m.relation = pick(r, "=", "!=", "<", "<=", ">", ">=")
		m.text = pick(r, "0", "1", "2", "-1", "1.0", "1e0", "10")
	default:
		m.relation = pick(r, "=", "!=")
		m.text = pick(r, "x", "xy", "yx", "1", "*", "x*", "*x", "*y*", "x*y", "", "a b", `q"\`)
		m.quoted = m.text == "" || strings.ContainsAny(m.text, ` "\`) || r.IntN(2) == 0
	}
	return m
}

func (r source) value() any {
	return pick[any](r, "x", "xy", "yx", "x*y", "1", "1.0", "", "a b", `q"\`, "true", json.Number("0"), json.Number("1"), json.Number("1.0"),
		json.Number("1e0"), json.Number("-1"), json.Number("2.5"), json.Number("10"), nil, true, false, []any{"x", nil}, []any{}, map[string]any{"x": "x"})
}

func (r source) event(t testing.TB) (Event, map[string]any) {
	object := map[string]any{}
	for _, name := range []string{"a", "b", "c"} {
		if r.IntN(4) > 0 {
			object[name] = r.value()
		}
	}
	if r.IntN(4) > 0 {
		inner := map[string]any{"t": r.value()}
		if r.IntN(2) > 0 {
			inner["x-y"] = r.value()
		}
		object["u"] = inner
	}
	text, err := json.Marshal(object)
	require.NoError(t, err)
	e, err := ParseEvent(text)
	require.NoError(t, err)
	return e, object
}

// holds is what the guide and the API say, once more.
func (m model) holds(object map[string]any) bool {
	if m.join != "" {
		return slices.ContainsFunc(m.parts, func(p model) bool { return p.holds(object) == (m.join == "||") }) == (m.join == "||")
	}
	var have any = object
	for _, name := range m.path {
		inner, _ := have.(map[string]any)
		if _, ok := inner[name]; !ok {
			return m.relation == notExists
		}
		have = inner[name]
	}
	array, _ := have.([]any)
	text, isText := have.(string)
	number, isNumber := have.(json.Number)
	switch m.relation {
	case notExists:
		return false
	case isNull:
		return have == nil || slices.Contains(array, nil)
	case isTrue, isFalse:
		return have == (m.relation == isTrue)
	}
	wanted, err := strconv.ParseFloat(m.text, 64)
	if isNumber && err == nil && !m.quoted {
		value, _ := number.Float64()
		return map[string]bool{"=": value == wanted, "!=": value != wanted, "<": value < wanted, "<=": value <= wanted, ">": value > wanted, ">=": value >= wanted}[m.relation]
	}
	if isNumber {
		text = string(number)
	}
	if !isText && !isNumber {
		return false
	}
	inner := strings.TrimSuffix(strings.TrimPrefix(m.text, "*"), "*")
	equal := text == m.text
	switch starts, ends := strings.HasPrefix(m.text, "*"), strings.HasSuffix(m.text, "*"); {
	case starts && ends:
		equal = strings.Contains(text, inner)
	case starts:
		equal = strings.HasSuffix(text, inner)
	case ends:
		equal = strings.HasPrefix(text, inner)
	}
	return m.relation == "=" && equal || m.relation == "!=" && !equal
}

// write spells the pattern at random: space, quotes, parentheses, brackets around names.
func (m model) write(r source) string {
	return r.space() + "{" + r.space() + m.inner(r, "||") + r.space() + "}" + r.space()
}

func (r source) space() string { return pick(r, "", "", " ", "  ", "\n", "\t") }

// inner spells the part of a pattern that stands inside of the join.
func (m model) inner(r source, join string) string {
	var text string
	switch {
	case m.join != "":
		parts := make([]string, len(m.parts))
		for i, p := range m.parts {
			parts[i] = p.inner(r, m.join)
		}
		text = strings.Join(parts, r.space()+m.join+r.space())
		if m.join == "||" && join == "&&" {
			return "(" + r.space() + text + r.space() + ")"
		}
	default:
		text = "$"
		for _, name := range m.path {
			text += pick(r, "."+name, "."+name, ".['"+name+"']")
		}
		if strings.HasPrefix(m.relation, "IS") || m.relation == notExists {
			text += " " + r.space() + strings.ReplaceAll(m.relation, " ", " "+r.space())
			break
		}
		value := m.text
		if m.quoted {
			value = `"` + strings.ReplaceAll(strings.ReplaceAll(value, `\`, `\\`), `"`, `\"`) + `"`
		} else if _, err := strconv.ParseFloat(value, 64); err != nil && r.IntN(2) == 0 {
			value = `"` + value + `"`
		}
		text += r.space() + m.relation + r.space() + value
	}
	for r.IntN(4) == 0 {
		text = "(" + r.space() + text + r.space() + ")"
	}
	return text
}

// shuffle puts the parts into another order, some of them twice.
func (m model) shuffle(r source) model {
	if m.join == "" {
		return m
	}
	parts := make([]model, len(m.parts))
	for i, p := range m.parts {
		parts[i] = p.shuffle(r)
	}
	if r.IntN(3) == 0 {
		parts = append(parts, pick(r, parts...))
	}
	r.Shuffle(len(parts), func(i, j int) { parts[i], parts[j] = parts[j], parts[i] })
	m.parts = parts
	return m
}

func rounds(t *testing.T, n int, f func(r source)) {
	for seed := range n {
		r := source{rand.New(rand.NewPCG(uint64(seed), 1))}
		f(r)
		if t.Failed() {
			t.Fatalf("seed %d", seed)
		}
	}
}

// TestEvaluates holds random patterns, spelled at random and in any order, against random events.
func TestEvaluates(t *testing.T) {
	matched := 0
	rounds(t, 3000, func(r source) {
		m := r.model(3)
		p, q := parse(t, m.write(r)), parse(t, m.shuffle(r).write(r))
		same := parse(t, p.String())
		require.Equal(t, p, same)
		require.Equal(t, p, parse(t, m.write(r)), "spelling does not matter")
		for range 20 {
			e, object := r.event(t)
			want := m.holds(object)
			require.Equal(t, want, p.Matches(e), "%s\n%s", p, e.text)
			require.Equal(t, want, q.Matches(e), "%s\n%s", q, e.text)
			if want {
				matched++
			}
		}
	})
	require.Greater(t, matched, 15_000, "the events hardly ever meet the patterns")
	require.Less(t, matched, 45_000)
}

// negate turns a pattern around. That is not the same as its opposite where a property is absent, or is neither a
// string nor a number: != is not true of it either.
func (m model) negate() model {
	m.join = map[string]string{"&&": "||", "||": "&&"}[m.join]
	m.relation = map[string]string{"=": "!=", "!=": "=", "<": ">=", ">=": "<", ">": "<=", "<=": ">"}[m.relation]
	for i, p := range m.parts {
		m.parts = slices.Clone(m.parts)
		m.parts[i] = p.negate()
	}
	return m
}

// TestDeMorgan holds that a pattern that is turned around matches the other events, where all properties are present.
func TestDeMorgan(t *testing.T) {
	// In these, texts is a string and sizes is a number.
	var random func(r source, depth int) model
	random = func(r source, depth int) model {
		if depth > 0 && r.IntN(3) > 0 {
			return model{join: pick(r, "&&", "||"), parts: []model{random(r, depth-1), random(r, depth-1), random(r, depth-1)}}
		}
		if r.IntN(2) == 0 {
			return model{path: []string{"sizes"}, relation: pick(r, "=", "!=", "<", "<=", ">", ">="), text: pick(r, "1", "2.5", "-1")}
		}
		return model{path: []string{"texts"}, relation: pick(r, "=", "!="), text: pick(r, "x", "x*", "*y", "z"), quoted: true}
	}
	rounds(t, 1000, func(r source) {
		m := random(r, 3)
		p, q := parse(t, m.write(r)), parse(t, m.negate().write(r))
		for _, text := range []string{"x", "xy", "y", "z", ""} {
			for _, size := range []string{"1", "1.0", "2", "2.5", "-1", "-2", "100"} {
				e := event(fmt.Sprintf(`{"texts":%q,"sizes":%s}`, text, size))
				require.NotEqual(t, p.Matches(e), q.Matches(e), "%s\n%s\n%s", p, q, e.text)
			}
		}
	})
	p, q := parse(t, "{ $.a = x }"), parse(t, "{ $.a != x }")
	for _, absent := range []string{`{}`, `{"a":null}`, `{"a":true}`, `{"a":[]}`, `{"a":{}}`} {
		require.False(t, p.Matches(event(absent)) || q.Matches(event(absent)), absent)
	}
}

// TestTermsAndFields holds random patterns of the other two kinds against random lines.
func TestTermsAndFields(t *testing.T) {
	rounds(t, 2000, func(r source) {
		words := func(n int) []string {
			list := make([]string, n)
			for i := range list {
				list[i] = pick(r, "ab", "b", "abc", "7", "d")
			}
			return list
		}

		all, none, some := words(r.IntN(3)), words(r.IntN(2)), words(r.IntN(3))
		var parts []string
		for prefix, list := range map[string][]string{"": all, "-": none, "?": some} {
			for _, word := range list {
				parts = append(parts, prefix+pick(r, word, `"`+word+`"`, "%"+word+"%"))
			}
		}
		r.Shuffle(len(parts), func(i, j int) { parts[i], parts[j] = parts[j], parts[i] })
		p := parse(t, r.space()+strings.Join(parts, pick(r, " ", "\n", " \t "))+r.space())
		require.Equal(t, p, parse(t, p.String()))
		for range 10 {
			line := strings.Join(words(r.IntN(4)), pick(r, " ", ""))
			in := func(word string) bool { return strings.Contains(line, word) }
			want := !slices.ContainsFunc(all, func(w string) bool { return !in(w) }) && !slices.ContainsFunc(none, in)
			if len(all)+len(none) == 0 && len(some) > 0 {
				want = slices.ContainsFunc(some, in)
			}
			require.Equal(t, want, p.Matches(event(line)), "%s\n%s", p, line)
		}

		// Fields before and after an ellipsis, each equal to a word or to anything.
		front, back := words(r.IntN(3)), words(r.IntN(3))
		parts = nil
		for i, word := range slices.Concat(front, []string{ellipsis}, back) {
			if i == len(front) {
				parts = append(parts, word)
				continue
			}
			name := fmt.Sprintf("f%d%s=%s", i, r.space(), r.space())
			parts = append(parts, pick(r, name+word, name+`"`+word+`"`, name+word+" || "+name+word, "("+name+word+" && "+name+word+"*)"))
		}
		p = parse(t, "["+strings.Join(parts, ","+r.space())+"]")
		require.Equal(t, p, parse(t, p.String()))
		for range 10 {
			line := slices.Concat(front, words(r.IntN(3)), back)
			if r.IntN(2) == 0 && len(line) > 0 {
				line = line[r.IntN(len(line)):]
			}
			want := len(line) >= len(front)+len(back) && slices.Equal(line[:len(front)], front) && slices.Equal(line[len(line)-len(back):], back)
			require.Equal(t, want, p.Matches(event(strings.Join(line, pick(r, " ", "  ", "\t")))), "%s\n%s", p, line)
		}
	})
}
