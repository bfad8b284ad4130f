package pattern

import (
	"errors"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestSyntaxErrors(t *testing.T) {
	for _, c := range []struct {
		text   string
		offset int
		what   string
	}{
		{`{ $eventName = X }`, 4, `a point is missing between $ and "e"`},
		{`{ eventName = X }`, 3, `a condition starts with $. but here is "e"`},
		{`{ &.eventName = X }`, 3, `a condition starts with $. but here is "&"`},
		{`{ $.a.invokedByNOT EXISTS }`, 20, "AWS has no EXISTS, only NOT EXISTS"},
		{`{ $.a EXISTS }`, 7, "AWS has no EXISTS, only NOT EXISTS"},
		{`{ $.a NOT EXIST }`, 11, "after NOT comes EXISTS"},
		{`{ $.a IS NOT NULL }`, 10, "after IS comes NULL, TRUE or FALSE"},
		{`{ $.a is null }`, 7, `=, !=, <, <=, >, >=, IS or NOT EXISTS is missing before "i"`},
		{`{ $.a[0]IS NULL }`, 9, `=, !=, <, <=, >, >=, IS or NOT EXISTS is missing before "I"`},
		{`{ $.a }`, 7, `=, !=, <, <=, >, >=, IS or NOT EXISTS is missing before "}"`},
		{`{ $.a`, 6, `=, !=, <, <=, >, >=, IS or NOT EXISTS is missing before the end`},
		{`{ $.a = }`, 9, `a value is missing before "}"`},
		{`{ $.a == 1 }`, 8, `a value is missing before "="`},
		{`{ $.a = "x }`, 9, "this double quote is never closed"},
		{`{ $.a = x" }`, 10, `a value with "\"" in it must stand in double quotes`},
		{`{ $.a = 10.0.0.0/8 }`, 17, `a value with "/" in it must stand in double quotes`},
		{`{ $.a = arn:aws }`, 12, `a value with ":" in it must stand in double quotes`},
		{`{ $.a = ü }`, 9, `a value is missing before "ü"`},
		{`{ $.ü = "ü" && $.b = }`, 5, `the name of a property is missing before "ü"`},
		{`{ $.a = "ü" && $.b = }`, 22, `a value is missing before "}"`},
		{`{ $.a = 'x' }`, 9, `a value is missing before "'"`},
		{`{ $.a = "\d" }`, 10, "after a backslash in quotes comes another one or a double quote"},
		{`{ $.a = "\`, 10, "after a backslash in quotes comes another one or a double quote"},
		{`{ $.a > "1" }`, 9, "> compares numbers only"},
		{`{ $.a <= x }`, 10, "<= compares numbers only"},
		{`{ $.a = Null }`, 9, "a property is not compared with null; AWS writes IS NULL"},
		{`{ $.a = .5 }`, 9, "a number has digits before and after its point"},
		{`{ $.a = -5. }`, 9, "a number has digits before and after its point"},
		{`{ ($.a = 1 }`, 12, `&&, || or a closing parenthesis is missing before "}"`},
		{`{ $.a = 1) }`, 10, `&&, || or the closing } is missing before ")"`},
		{`{ $.a = 1 & $.b = 1 }`, 11, `&&, || or the closing } is missing before "&"`},
		{`{ $.a = 1 AND $.b = 1 }`, 11, `&&, || or the closing } is missing before "A"`},
		{`{ $.a = 1 && }`, 14, `a condition starts with $. but here is "}"`},
		{`{}`, 2, `a condition starts with $. but here is "}"`},
		{`{ $.a = 1 } x`, 13, `nothing may follow the pattern, but here is "x"`},
		{`{ $.a = 1`, 10, `&&, || or the closing } is missing before the end`},
		{`{ $.a.['b"] = 1 }`, 7, "'] is missing after this name, or a backslash is in it"},
		{`{ $.["a"] = 1 }`, 5, `the name of a property is missing before "["`},
		{`{ $.a[x] = 1 }`, 6, "between these brackets belongs the number of an element, an asterisk, or a name in single quotes"},
		{`{ $.a[99999999999999999999] = 1 }`, 6, "between these brackets belongs the number of an element, an asterisk, or a name in single quotes"},
		{`{ $.a[0 = 1 }`, 6, "between these brackets belongs the number of an element, an asterisk, or a name in single quotes"},
		{`{ $.a[*].b[*] = 1 }`, 3, "AWS allows one wildcard in a selector"},
		{`{ $.a[*] != 1 }`, 3, "AWS does not say whether != after a wildcard is about one or about all"},
		{`{ $.a[*].b NOT EXISTS }`, 3, "AWS does not say whether NOT EXISTS after a wildcard is about one or about all"},
		{`{$.*=1||$.*=1||$.*=1||$.*=1}`, 23, "AWS allows three wildcards in a pattern, this is the fourth"},
		{`{$.a=%x%||$.a=%x%||$.a=%x%}`, 24, "AWS allows two regular expressions in a pattern, this is the third"},

		{`%a`, 1, "this percent sign is never closed"},
		{`%%`, 1, "the regular expression is empty"},
		{`%a(b)%`, 3, `AWS does not allow "(" in a regular expression`},
		{`%a\(b%`, 4, `AWS does not describe a backslash before "(" in a regular expression`},
		{`%\bx%`, 3, `AWS does not describe a backslash before "b" in a regular expression`},
		{`%a\`, 4, "something is missing after the backslash"},
		{`%\x8A%`, 4, `after \x come two hexadecimal digits, 00 to 7F`},
		{`%\x1%`, 5, `after \x come two hexadecimal digits, 00 to 7F`},
		{`%[a%`, 2, "this bracket is never closed"},
		{`%[]a]%`, 3, "the brackets are empty"},
		{`%[^]%`, 4, "the brackets are empty"},
		{`%[[:alpha:]]%`, 3, `AWS does not describe "[" in brackets`},
		{`%[a!]%`, 4, `AWS does not describe "!" in brackets`},
		{`%a]%`, 3, `a backslash is missing before "]", or what it closes`},
		{`%*a%`, 2, `there is nothing that "*" could repeat`},
		{`%a+?%`, 4, `there is nothing that "?" could repeat`},
		{`%^*%`, 3, `there is nothing that "*" could repeat`},
		{`%a{x}%`, 4, `in braces stand one or two numbers, with a comma between them, not "x"`},
		{`%a{}%`, 4, `in braces stand one or two numbers, with a comma between them, not "}"`},
		{`%a{1, 2}%`, 6, `in braces stand one or two numbers, with a comma between them, not " "`},
		{`%a{3,2}%`, 1, "the regular expression is not valid: invalid repeat count"},
		{`x %a{2000}%`, 3, "the regular expression is not valid: invalid repeat count"},
		{`%[z-a]%`, 1, "the regular expression is not valid: invalid character class range"},

		{`ERR*`, 4, `a term with "*" in it must stand in double quotes`},
		{`hello-world`, 6, `a term with "-" in it must stand in double quotes`},
		{`a "b"c`, 6, `a term with "c" in it must stand in double quotes`},
		{`a -`, 4, "a term is missing before the end"},
		{`? a`, 2, `a term is missing before " "`},
		{`"a`, 1, "this double quote is never closed"},
		{`a || b`, 3, `a term with "|" in it must stand in double quotes`},
		{"a \xff", 3, "this is not UTF-8"},

		{`[a, a]`, 5, "the field a is there twice"},
		{`[..., a, ...]`, 10, "the field ... is there twice"},
		{`[a`, 3, "=, !=, <, <=, > or >= is missing before the end"},
		{`[a=1`, 5, `a comma or the closing ] is missing before the end`},
		{`[a=1] x`, 7, `nothing may follow the pattern, but here is "x"`},
		{`[a b]`, 4, `=, !=, <, <=, > or >= is missing before "b"`},
		{`[a=1 || b=2]`, 9, "this condition is about a, not about b"},
		{`[a=]`, 4, `a value is missing before "]"`},
		{`[=1]`, 2, `the name of a field is missing before "="`},
		{`[a=1 && ()]`, 10, `the name of a field is missing before ")"`},
		{`[a IS NULL]`, 4, `=, !=, <, <=, > or >= is missing before "I"`},
		{`[a > x]`, 6, "> compares numbers only"},
		{`[.., a]`, 2, `the name of a field is missing before "."`},
	} {
		_, err := Parse(c.text)
		var wrong *SyntaxError
		require.ErrorAs(t, err, &wrong, c.text)
		assert.Equal(t, SyntaxError{c.offset, c.what}, *wrong, c.text)
		assert.NotContains(t, err.Error(), "\n")
	}
	_, err := Parse("{ $.a\n= }")
	assert.EqualError(t, err, `character 9: a value is missing before "}"`)
}

// TestSpelling holds that space and quotes do not matter, and what the fixed spelling is.
func TestSpelling(t *testing.T) {
	for text, want := range map[string]string{
		`{($.eventName=X)||($.eventName=Y)}`:          `{ $.eventName = "X" || $.eventName = "Y" }`,
		"\n{\t$.a\r\n=\nX\n}\n":                       `{ $.a = "X" }`,
		`{$.a=X&&$.b!=Y||$.c>=1}`:                     `{ $.a = "X" && $.b != "Y" || $.c >= 1 }`,
		`{ (($.a=1 || $.b=2)) && (($.c=3) && $.d=4)}`: `{ ($.a = 1 || $.b = 2) && $.c = 3 && $.d = 4 }`,
		`{ ($.a=1 && $.b=2) || (($.c=3 || $.d=4)) }`:  `{ $.a = 1 && $.b = 2 || $.c = 3 || $.d = 4 }`,
		`{ $.a IS	NULL && ($.b NOT
		EXISTS)}`: `{ $.a IS NULL && $.b NOT EXISTS }`,
		`{ $.a-b_c.0[1][*]['d.e'] = "a\"\\b" }`: `{ $.a-b_c.0[1][*].['d.e'] = "a\"\\b" }`,
		`{ $.['a'].* = %x% }`:                   `{ $.a[*] = %x% }`,
		`{ $.a = s3.amazonaws.com }`:            `{ $.a = "s3.amazonaws.com" }`,
		`{ $.a = *.8xlarge }`:                   `{ $.a = "*.8xlarge" }`,
		`{ $.a = instance-role }`:               `{ $.a = "instance-role" }`,
		`{ $.a = 111122223333 }`:                `{ $.a = 111122223333 }`,
		`{ $.a = +1.50E-7 }`:                    `{ $.a = +1.50E-7 }`,
		` `:                                     ``,
		` a  -b ?c "d e" %f g% `:                `"a" "d e" %f g% -"b"`,
		`?a ?%b%`:                               `?"a" ?%b%`,
		`[]`:                                    `[]`,
		`[ ... , a=b||a<1 , ,c ]`:               `[..., a = "b" || a < 1, , c]`,
		`[(a=b||a=c)&&a!=d, ]`:                  `[(a = "b" || a = "c") && a != "d", ]`,
		`[,,a]`:                                 `[, , a]`,
	} {
		assert.Equal(t, want, parse(t, text).String(), text)
		assert.Equal(t, want, parse(t, want).String(), text)
	}
}

// TestHostile holds that no text exhausts the stack or the time.
func TestHostile(t *testing.T) {
	const many = 200_000
	e := event(`{"a":1}`)
	for _, text := range []string{
		"{" + strings.Repeat("(", many), "[" + strings.Repeat("(", many), strings.Repeat("{", many), strings.Repeat("[", many),
		"{ $" + strings.Repeat(".a", many) + " = 1 }", "{ $.a" + strings.Repeat("[0]", many) + " NOT EXISTS }",
		`{ $.a = "` + strings.Repeat("*", many) + `" }`, strings.Repeat("?a ", many), strings.Repeat("-", many), strings.Repeat(`"`, many),
		"{ $.a = 1" + strings.Repeat("0", many) + " }", "{ $.a = 1e" + strings.Repeat("9", many) + " }", "{ $.a < -1e-" + strings.Repeat("9", many) + " }",
		"{ $.a = 1 " + strings.Repeat("&& $.a = 1 || $.a = 1", many/100) + " }", "[" + strings.Repeat(",", many) + "]",
		"{ $.a = %" + strings.Repeat("a{1000}", 1000) + "% }", "%" + strings.Repeat("a?", 1000) + strings.Repeat("a", 1000) + "%",
	} {
		p, err := Parse(text)
		if err == nil {
			p.Matches(e)
			_ = p.String()
		}
	}
	parse(t, "{"+strings.Repeat("(", maxDepth)+"$.a=1"+strings.Repeat(")", maxDepth)+"}")
	_, err := Parse("{" + strings.Repeat("(", maxDepth+1) + "$.a=1" + strings.Repeat(")", maxDepth+1) + "}")
	assert.EqualError(t, err, "character 514: more than 512 parentheses are open")
	parse(t, "{"+strings.Repeat("($.a=1)||", 2*maxDepth)+"$.a=1}")
}

func TestParseEvent(t *testing.T) {
	for _, text := range []string{"", " ", "null", "[]", "1", `"x"`, "{", `{"a":1} x`, `{"a":1}{}`, `{"a":1}]`} {
		_, err := ParseEvent([]byte(text))
		assert.Error(t, err, text)
		assert.False(t, errors.As(err, new(*SyntaxError)))
	}
	e, err := ParseEvent([]byte("{\"a\": 12345678901234567891 }\n"))
	require.NoError(t, err)
	assert.True(t, parse(t, "{ $.a = 12345678901234567891 }").Matches(e))
	assert.False(t, parse(t, "{ $.a = 12345678901234567890 }").Matches(e), "numbers are exact")
	assert.True(t, parse(t, `"\"a\": 1"`).Matches(e), "the text is as it was")
	assert.False(t, parse(t, "{ $.a NOT EXISTS }").Matches(Event{}), "no event")
}

func TestDecimal(t *testing.T) {
	ascending := []string{
		"-1e9999999999", "-12345678901234567891", "-12345678901234567890", "-10", "-1.01", "-1", "-0.1", "-1e-9999999999",
		"0", "1e-9999999999", "0.09", "0.1", "0.11", "1", "1.0000000000000000001", "9.99", "10", "100.5", "1e3", "12e2", "1e9999999999",
	}
	for i, a := range ascending {
		for j, b := range ascending {
			x, ok := parseDecimal(a)
			require.True(t, ok, a)
			y, ok := parseDecimal(b)
			require.True(t, ok, b)
			assert.Equal(t, clamp(i-j), x.compare(y), "%s %s", a, b)
		}
	}
	for _, same := range [][]string{{"0", "-0", "0.00", "0e5", "+0"}, {"1", "1.0", "1e0", "+1", "0.1e1", "10e-1", "01", "1E+0"}, {"-150", "-1.5e2", "-0150.0"}} {
		for _, text := range same {
			x, _ := parseDecimal(same[0])
			y, ok := parseDecimal(text)
			assert.True(t, ok && x == y, text)
		}
	}
	for _, text := range []string{"", "-", "+", ".", "1.", ".1", "1e", "e1", "1e+", "1.1.1", "--1", "1e1.5", "0x1", "Inf", "NaN", "1_0", "1 "} {
		_, ok := parseDecimal(text)
		assert.False(t, ok, text)
	}
}
