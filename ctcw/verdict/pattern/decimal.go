package pattern

import (
	"strconv"
	"strings"
)

// decimal is an exact number: 0.digits times ten to the power of exponent.
type decimal struct {
	negative bool
	digits   string // without zeros at its ends; empty for zero
	exponent int
}

// parseDecimal reads a number as the guide of 2021 describes it, which JSON's numbers are too: an integer or a
// decimal with an optional sign, and maybe an e and another integer.
func parseDecimal(text string) (decimal, bool) {
	var d decimal
	mantissa, exponent, scientific := text, "", false
	if i := strings.IndexAny(text, "eE"); i >= 0 {
		mantissa, exponent, scientific = text[:i], text[i+1:], true
	}
	mantissa, d.negative = unsign(mantissa)
	whole, fraction, point := strings.Cut(mantissa, ".")
	if !isDigits(whole) || point && !isDigits(fraction) {
		return decimal{}, false
	}
	d.exponent = len(whole)
	if scientific {
		power, negative := unsign(exponent)
		if !isDigits(power) {
			return decimal{}, false
		}
		// An exponent that does not fit is as good as a very large one.
		n, err := strconv.ParseInt(power, 10, 31)
		if err != nil {
			n = 1 << 30
		}
		if negative {
			n = -n
		}
		d.exponent += int(n)
	}
	digits := strings.TrimLeft(whole+fraction, "0")
	d.exponent -= len(whole) + len(fraction) - len(digits)
	d.digits = strings.TrimRight(digits, "0")
	if d.digits == "" {
		return decimal{}, true
	}
	return d, true
}

func unsign(text string) (unsigned string, negative bool) {
	if unsigned, negative = strings.CutPrefix(text, "-"); negative {
		return unsigned, true
	}
	return strings.TrimPrefix(text, "+"), false
}

func isDigits(text string) bool {
	return text != "" && strings.Trim(text, "0123456789") == ""
}

// compare returns -1, 0 or 1 as d is smaller, equal or larger.
func (d decimal) compare(other decimal) int {
	if sign := d.sign() - other.sign(); sign != 0 {
		return clamp(sign)
	}
	size := clamp(d.exponent - other.exponent)
	if size == 0 {
		size = strings.Compare(d.digits, other.digits)
	}
	return size * d.sign()
}

func (d decimal) sign() int {
	switch {
	case d.digits == "":
		return 0
	case d.negative:
		return -1
	default:
		return 1
	}
}

func clamp(n int) int { return max(-1, min(1, n)) }
