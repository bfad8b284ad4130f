package cli

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/ctcw/steampipe-plugin-ctcw/ctcw/standalone/evidence"
	"github.com/ctcw/steampipe-plugin-ctcw/ctcw/standalone/evidence/timeline"
	"github.com/ctcw/steampipe-plugin-ctcw/ctcw/standalone/output"
)

func newDiff() *cobra.Command {
	var (
		since, at, format string
		controls          controlFlags
	)
	cmd := &cobra.Command{
		Use:   "diff FILE.db",
		Short: "Say what got worse, was mended, is new or gone since an earlier run",
		Long: "Judge two runs of a file of snapshot --append by the same controls, and say account by account what differs: worse,\n" +
			"unread (the account cannot be read any more), new, changed (an alarm for another cause, say), mended, gone.\n\n" +
			"The exit code is 1 when something got worse, cannot be read any more, or is new and wrong; 0 when not; 3 when the\n" +
			"command itself failed.",
		Example: `  steampipe-plugin-ctcw diff evidence.db
  steampipe-plugin-ctcw diff evidence.db --since 2026-07-01 --output json`,
		Args: exactArgs(1, "diff takes one argument: the file of snapshot --append"),
		RunE: func(cmd *cobra.Command, args []string) error {
			if format != "text" && format != "json" {
				return fmt.Errorf("--output %q is not a format: use text or json", format)
			}
			plan, err := controls.plan()
			if err != nil {
				return err
			}
			file, err := evidence.OpenFile(cmd.Context(), args[0])
			if err != nil {
				return err
			}
			defer file.Close()
			from, to, err := between(file, since, at)
			if err != nil {
				return err
			}
			changes, err := timeline.Diff(cmd.Context(), file, plan, from, to)
			if err != nil {
				return err
			}
			fmt.Fprintf(cmd.ErrOrStderr(), "From %s\nto %s.\n", from.Title(), to.Title())
			if format == "json" {
				err = diffJSON(cmd.OutOrStdout(), from, to, changes)
			} else {
				err = diffText(cmd.OutOrStdout(), changes)
			}
			if err != nil {
				return err
			}
			if slices.ContainsFunc(changes, timeline.Change.Bad) {
				return exitCode(exitAlarm)
			}
			return nil
		},
	}
	cmd.Flags().StringVar(&since, "since", "", "compare with the `RUN` of that number, or the latest at that time (default: the run before)")
	cmd.Flags().StringVar(&at, "at", "", "the later `RUN`, or the latest at that time (default: the latest)")
	cmd.Flags().StringVar(&format, "output", "text", "output `format`: text, json")
	complete(cmd, "output", "text", "json")
	controls.add(cmd)
	return cmd
}

// between returns the runs to compare.
func between(file *evidence.File, since, at string) (from, to evidence.Run, err error) {
	if to, err = file.Find(at); err != nil {
		return from, to, err
	}
	if since != "" {
		if from, err = file.Find(since); err == nil && from.ID >= to.ID {
			err = fmt.Errorf("%s is not before %s", from.Title(), to.Title())
		}
		return from, to, err
	}
	for _, run := range file.Runs {
		if run.ID < to.ID {
			from = run
		}
	}
	if from.ID == 0 {
		err = errors.New("there is no earlier run to compare with")
	}
	return from, to, err
}

func diffText(w io.Writer, changes []timeline.Change) error {
	var b strings.Builder
	counts := map[timeline.Kind]int{}
	account := ""
	for _, c := range changes {
		counts[c.Kind]++
		if c.Account != account {
			account = c.Account
			fmt.Fprintf(&b, "%s\n", output.Clean(strings.TrimSpace(c.Account+" "+c.Name)))
		}
		verdict := string(c.After)
		switch {
		case c.Before == c.After:
			verdict = fmt.Sprintf("%s, %s → %s", c.After, c.Was, c.Is)
		case c.Before != "" && c.After != "":
			verdict = string(c.Before) + " → " + string(c.After)
		case c.After == "":
			verdict = "was " + string(c.Before)
		}
		fmt.Fprintf(&b, "  %-8s %s, %s: %s\n           %s\n", strings.ToUpper(string(c.Kind)), output.Clean(timeline.Short(c.Resource)), c.Control, verdict, output.Clean(c.Reason))
	}
	var parts []string
	for _, kind := range timeline.Kinds() {
		if counts[kind] > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", counts[kind], kind))
		}
	}
	if parts == nil {
		parts = []string{"No verdict differs"}
	}
	fmt.Fprintf(&b, "%s.\n", strings.Join(parts, ", "))
	_, err := io.WriteString(w, b.String())
	return err
}

func diffJSON(w io.Writer, from, to evidence.Run, changes []timeline.Change) error {
	type run struct {
		ID        int64  `json:"run_id"`
		CheckedAt string `json:"checked_at"`
		Complete  bool   `json:"complete"`
	}
	of := func(r evidence.Run) run {
		return run{r.ID, r.CheckedAt.UTC().Format("2006-01-02T15:04:05Z"), r.Complete}
	}
	out := json.NewEncoder(w)
	out.SetEscapeHTML(false)
	out.SetIndent("", "  ")
	return out.Encode(map[string]any{"from": of(from), "to": of(to), "changes": append([]timeline.Change{}, changes...)})
}
