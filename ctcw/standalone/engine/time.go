package engine

import (
	"cmp"
	"strconv"
	"strings"
	"time"

	"github.com/turbot/steampipe-plugin-sdk/v5/grpc/proto"
)

// Times are text in SQLite. Theirs is the form of SQLite's own functions, and of the same length, so that their
// order as text is their order in time, also where no collation is left (max(time) > datetime('now')). The Z tells
// them from what those functions return, so that a result shows them as RFC 3339.
const timeFormat = "2006-01-02 15:04:05.000Z"

func formatTime(t time.Time) string { return t.UTC().Format(timeFormat) }

// parseTime is the inverse of formatTime.
func parseTime(s string) (time.Time, bool) {
	if len(s) != len(timeFormat) || s[len(s)-1] != 'Z' {
		return time.Time{}, false
	}
	t, err := time.Parse(timeFormat, s)
	return t, err == nil
}

// storedTime is a time as SQLite's functions would write it, for a file that other programs read: they know no
// collation of ours. A whole second has no fraction, so it equals what datetime() returns.
func storedTime(t time.Time) string {
	return strings.TrimSuffix(t.UTC().Format("2006-01-02 15:04:05.000"), ".000")
}

// TimeCollation is the collation of columns that hold times: two texts that mean times compare as these do, in
// whatever form they are written. Views over an attached file name it.
const TimeCollation = "steampipe_time"

func collationOf(t proto.ColumnType) string {
	if t == proto.ColumnType_TIMESTAMP {
		return " collate " + TimeCollation
	}
	return ""
}

func compareTimes(a, b string) int {
	if ofTable(a) && ofTable(b) {
		return cmp.Compare(a, b)
	}
	x, first := moment(a)
	y, second := moment(b)
	if first && second {
		return x.Compare(y)
	}
	// What means no time compares as text, with the form that times have: "2026-11" is before all of November.
	return cmp.Compare(normalTime(a), normalTime(b))
}

func ofTable(s string) bool {
	return len(s) == len(timeFormat) && s[10] == ' ' && s[19] == '.' && s[23] == 'Z'
}

// normalTime returns a text that means a time as a table has it, where it has such; any other as it is.
func normalTime(s string) string {
	t, ok := moment(s)
	if !ok {
		return s
	}
	if exact := t.Truncate(time.Millisecond); exact.Equal(t) {
		return formatTime(t)
	}
	return strings.TrimSuffix(formatTime(t), "Z") + "~" // after that millisecond, and equal to none
}

var momentFormats = []string{"2006-01-02T15:04:05", "2006-01-02T15:04", "2006-01-02T15:04:05Z07:00", "2006-01-02T15:04Z07:00", "2006-01-02T15:04:05Z07", "2006-01-02"}

// moment understands RFC 3339 and what SQLite's date functions take and return: a date, with a time or without, the
// time with a zone or in UTC, a Julian day, seconds since 1970.
func moment(s string) (time.Time, bool) {
	s = strings.TrimSpace(s)
	if len(s) < 7 || s[0] < '0' || s[0] > '9' {
		return time.Time{}, false
	}
	if s[4] != '-' {
		return number(s)
	}
	if len(s) > 10 {
		s = s[:10] + "T" + strings.ToUpper(strings.ReplaceAll(s[11:], " ", ""))
	}
	for _, format := range momentFormats {
		if t, err := time.Parse(format, s); err == nil {
			return t, true
		}
	}
	return time.Time{}, false
}

// number understands a Julian day, which has 7 digits before the point, and seconds since 1970, which have 9 or more.
func number(s string) (time.Time, bool) {
	whole, _, _ := strings.Cut(s, ".")
	n, err := strconv.ParseFloat(s, 64)
	switch {
	case err != nil || strings.Trim(whole, "0123456789") != "":
		return time.Time{}, false
	case len(whole) == 7:
		const unix = 2440587.5 // the Julian day of 1970
		return time.UnixMilli(int64((n-unix)*86400e3 + .5)).UTC(), true
	case len(whole) >= 9 && len(whole) <= 11:
		return time.UnixMilli(int64(n*1e3 + .5)).UTC(), true
	}
	return time.Time{}, false
}
