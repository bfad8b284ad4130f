package trail_test

import (
	"strings"
	"testing"

	"github.com/ctcw/steampipe-plugin-ctcw/ctcw/aws/trail"
)

func FuzzTrailARN(f *testing.F) {
	for _, s := range []string{"", "arn:aws:cloudtrail:eu-west-1:111122223333:trail/x", "arn:aws:logs:eu-west-1:1:x", "arn:::::", "arn:aws:cloudtrail::1:trail/x"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if region := trail.RegionOf(s); region != "" && !strings.Contains(s, ":cloudtrail:"+region+":") {
			t.Fatalf("%q is in %q", s, region)
		}
	})
}
