package cli

import (
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/ctcw/steampipe-plugin-ctcw/ctcw/standalone/check"
	"github.com/ctcw/steampipe-plugin-ctcw/ctcw/standalone/engine"
	"github.com/ctcw/steampipe-plugin-ctcw/ctcw/standalone/evidence"
)

// sourceFlags say where the rows come from: AWS, or a file of snapshot's.
type sourceFlags struct {
	connectFlags
	from string
	at   string
	run  *evidence.Run // of the file
}

func (f *sourceFlags) add(cmd *cobra.Command) {
	f.connectFlags.add(cmd)
	flags := cmd.Flags()
	flags.StringVar(&f.from, "from", "", "read a `FILE.db` of snapshot's instead of asking AWS")
	flags.StringVar(&f.at, "at", "", "with --from: the `RUN` of that number, or the latest at that time (default: the latest)")
	must(cmd.MarkFlagFilename("from", "db"))
	must(cmd.RegisterFlagCompletionFunc("at", cobra.NoFileCompletions))
}

// source says in a word where the rows come from.
func (f *sourceFlags) source() string {
	if f.run != nil {
		return f.run.Source // what was asked then: a report of it is the same as then
	}
	return f.connectFlags.source()
}

// tell has a report say when a file's run was taken and by whom, instead of when and by whom it was judged.
func (f *sourceFlags) tell(report *check.Report) {
	if f.run == nil {
		return
	}
	report.About.Version, report.About.Callers, report.About.Calls = f.run.Version, f.run.Callers, int(f.run.Calls)
	report.About.Started, report.About.Finished = f.run.Started, f.run.Finished
}

func (f *sourceFlags) open(cmd *cobra.Command) (*engine.Engine, func(), error) {
	if f.from == "" {
		if f.at != "" {
			return nil, nil, errors.New("--at says which run of a file, which --from names")
		}
		return f.connectFlags.open()
	}
	if f.demo || f.config != "" || f.connection != "" || f.profile != "" || f.regions != nil || f.endpointURL != "" {
		return nil, nil, errors.New("--from reads a file and asks nothing of AWS: leave out --demo, --config, --connection, --profile, --regions and --endpoint-url")
	}
	file, err := evidence.OpenFile(cmd.Context(), f.from)
	if err != nil {
		return nil, nil, err
	}
	run, err := file.Find(f.at)
	if err != nil {
		file.Close()
		return nil, nil, err
	}
	e, err := file.Engine(run)
	if err != nil {
		file.Close()
		return nil, nil, err
	}
	f.run = &run
	fmt.Fprintf(cmd.ErrOrStderr(), "From %s: %s.\n", f.from, run.Title())
	return e, func() { e.Close(); file.Close() }, nil
}
