package delivery

import (
	"fmt"
	"time"
)

// Words says how long a time is as a person would: in the largest unit of which there are two.
func Words(d time.Duration) string {
	switch {
	case d >= 48*time.Hour:
		return units(int(d.Hours())/24, "day")
	case d >= 2*time.Hour:
		return units(int(d.Hours()), "hour")
	default:
		return units(max(int(d.Minutes()), 1), "minute")
	}
}

func units(n int, unit string) string {
	if n != 1 {
		unit += "s"
	}
	return fmt.Sprintf("%d %s", n, unit)
}
