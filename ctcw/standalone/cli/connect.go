package cli

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"github.com/ctcw/steampipe-plugin-ctcw/ctcw"
	"github.com/ctcw/steampipe-plugin-ctcw/ctcw/base/nearest"
	"github.com/ctcw/steampipe-plugin-ctcw/ctcw/standalone/engine"
	"github.com/ctcw/steampipe-plugin-ctcw/ctcw/standalone/spc"
)

// connectFlags say where the rows come from. They are common to all commands that ask AWS.
type connectFlags struct {
	demo        bool
	config      string
	connection  string
	profile     string
	regions     []string
	endpointURL string

	opened []engine.Connection // what open has opened, the target last
}

func (f *connectFlags) add(cmd *cobra.Command) {
	flags := cmd.Flags()
	flags.BoolVar(&f.demo, "demo", false, "ask the built-in sample organization instead of AWS")
	flags.StringVar(&f.config, "config", "", "Steampipe connection `file` (default: ctcw.spc in Steampipe's config folder, when it exists)")
	flags.StringVar(&f.connection, "connection", "", "`name` of the connection to use, where the file has several (default: the only aggregator, else ctcw)")
	flags.StringVar(&f.profile, "profile", "", "AWS `profile` to use, instead of a connection file")
	flags.StringSliceVar(&f.regions, "regions", nil, "`regions` to scan, comma-separated, * and ? allowed (default: all)")
	flags.StringVar(&f.endpointURL, "endpoint-url", "", "`URL` to send every AWS request to")
	must(cmd.MarkFlagFilename("config", "spc"))
	must(cmd.RegisterFlagCompletionFunc("connection", f.completeConnections))
	must(cmd.RegisterFlagCompletionFunc("profile", cobra.NoFileCompletions))
	must(cmd.RegisterFlagCompletionFunc("regions", cobra.NoFileCompletions))
	must(cmd.RegisterFlagCompletionFunc("endpoint-url", cobra.NoFileCompletions))
}

// open starts the embedded engine on the connections that the flags name. The function that it returns
// ends what it started.
func (f *connectFlags) open() (*engine.Engine, func(), error) {
	connections, target, stop, err := f.connections()
	if err != nil {
		return nil, nil, err
	}
	f.opened = reached(connections, target)
	e, err := engine.Open(ctcw.Server(), connections, target)
	if err != nil {
		stop()
		if path := f.path(); path != "" {
			err = fmt.Errorf("%s: %w", path, err)
		}
		return nil, nil, err
	}
	return e, func() { e.Close(); stop() }, nil
}

func (f *connectFlags) connections() (connections []engine.Connection, target string, stop func(), err error) {
	if f.demo {
		if f.config != "" || f.connection != "" || f.profile != "" || f.endpointURL != "" {
			return nil, "", nil, errors.New("--demo brings its own connection: leave out --config, --connection, --profile and --endpoint-url")
		}
		return f.demoConnections()
	}
	all, err := f.fromFile()
	if err != nil {
		return nil, "", nil, err
	}
	chosen, err := f.choose(all)
	if err != nil {
		return nil, "", nil, err
	}
	f.override(chosen)
	for _, c := range all {
		if err := c.Check(ctcw.NewConnectionConfig()); err != nil {
			return nil, "", nil, err
		}
		connections = append(connections, engine.Connection{Name: c.Name, Config: c.Config(), Children: c.Children})
	}
	return connections, chosen.Name, func() {}, nil
}

// fromFile reads the connection file. Without one there is a single connection with all defaults.
func (f *connectFlags) fromFile() ([]spc.Connection, error) {
	path := f.path()
	if path == "" {
		return []spc.Connection{{Name: "ctcw"}}, nil
	}
	return spc.Read(path)
}

// path returns the connection file to read, "" for none.
func (f *connectFlags) path() string {
	if f.config != "" || f.demo || f.profile != "" {
		return f.config
	}
	path := spc.DefaultPath()
	if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
		return ""
	}
	return path
}

// choose returns the connection that --connection names, or the one to take without it: the only one, else the only
// aggregator, which stands for the others, else ctcw, as the shipped file calls it.
func (f *connectFlags) choose(all []spc.Connection) (*spc.Connection, error) {
	var names []string
	var aggregators []int
	for i, c := range all {
		names = append(names, c.Name)
		if c.Children != nil {
			aggregators = append(aggregators, i)
		}
	}
	want := f.connection
	if want == "" {
		switch {
		case len(all) == 1:
			return &all[0], nil
		case len(aggregators) == 1:
			return &all[aggregators[0]], nil
		}
		want = "ctcw"
	}
	if i := slices.Index(names, want); i >= 0 {
		return &all[i], nil
	}
	if f.connection == "" {
		return nil, fmt.Errorf("the connection file has several connections, choose one with --connection: %s", strings.Join(names, ", "))
	}
	return nil, fmt.Errorf("there is no connection %q%s, only %s", f.connection, nearest.Hint(f.connection, names), strings.Join(names, ", "))
}

// source says in a word where the rows come from.
func (f *connectFlags) source() string {
	switch path := f.path(); {
	case f.demo:
		return "the sample organization"
	case f.profile != "":
		return fmt.Sprintf("profile %s", f.profile)
	case path != "" && f.connection != "":
		return fmt.Sprintf("connection %s of %s", f.connection, path)
	case path != "":
		return path
	default:
		return "the default credentials"
	}
}

// override puts the flags' values in place of the connection's.
func (f *connectFlags) override(c *spc.Connection) {
	if f.profile != "" {
		c.Set("profile", quote(f.profile))
	}
	if f.endpointURL != "" {
		c.Set("endpoint_url", quote(f.endpointURL))
	}
	if f.regions != nil {
		c.Set("regions", quoteList(f.regions))
	}
}

func quoteList(all []string) string {
	quoted := make([]string, 0, len(all))
	for _, s := range all {
		quoted = append(quoted, quote(strings.TrimSpace(s)))
	}
	return "[" + strings.Join(quoted, ", ") + "]"
}

// quote writes a string as HCL source, in which ${ and %{ would begin a template.
func quote(s string) string {
	return strings.NewReplacer("${", "$${", "%{", "%%{").Replace(strconv.Quote(s))
}
