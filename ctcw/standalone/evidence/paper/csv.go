package paper

import (
	"fmt"
	"io"
	"time"

	"github.com/ctcw/steampipe-plugin-ctcw/ctcw/standalone/evidence/timeline"
	"github.com/ctcw/steampipe-plugin-ctcw/ctcw/standalone/output"
)

// CSV writes a row for each time that a verdict held.
func CSV(w io.Writer, r *timeline.Report, m Made) error {
	out := output.NewCSV(w, output.CSVOptions{EscapeFormulas: m.EscapeFormulas})
	if err := out.Write([]string{"account_id", "account_name", "resource", "control", "status", "from", "until", "still_so", "hours", "reason"}); err != nil {
		return err
	}
	for _, a := range r.Accounts {
		for _, res := range a.Resources {
			for _, t := range res.Tracks {
				for _, s := range t.Spans {
					record := []string{a.ID, a.Name, res.ARN, t.Control, string(s.Status), s.From.Format(time.RFC3339), s.Until.Format(time.RFC3339),
						fmt.Sprint(s.Open), fmt.Sprintf("%.1f", s.Until.Sub(s.From).Hours()), s.Reason}
					if err := out.WriteTexts(record); err != nil {
						return err
					}
				}
			}
		}
	}
	return out.Flush()
}
