package cli

import (
	"errors"
	"fmt"
	"io"
	"net"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/ctcw/steampipe-plugin-ctcw/ctcw/sample"
	"github.com/ctcw/steampipe-plugin-ctcw/ctcw/standalone/engine"
)

func newDemo() *cobra.Command {
	var (
		port     int
		accounts int
		latency  time.Duration
	)
	cmd := &cobra.Command{
		Use:   "demo",
		Short: "Serve the sample organization and print the connections to it",
		Long: "Serve a made-up organization as an AWS endpoint on this machine (127.0.0.1) until interrupted, and print a\n" +
			"connection file for it: save it as ctcw.spc in Steampipe's config folder, or give it to --config.",
		Example: `  steampipe-plugin-ctcw demo --port 4599 > demo.spc &
  steampipe-plugin-ctcw query --config demo.spc --connection ctcw "select * from cloudtrail_cloudwatch_status" --output line`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if accounts < 0 || port < 0 || port > 65535 || latency < 0 {
				return errors.New("--accounts, --port and --latency must not be negative, and a port is at most 65535")
			}
			org := sample.Demo(time.Now())
			if accounts > 0 {
				org = sample.Large(accounts, 1, time.Now())
			}
			server := sample.New(org)
			server.SetLatency(latency)
			if err := server.Listen(net.JoinHostPort("127.0.0.1", strconv.Itoa(port))); err != nil {
				return fmt.Errorf("cannot serve on port %d: %w: choose another --port, or leave it out", port, err)
			}
			defer server.Close()
			if err := writeSPC(cmd.OutOrStdout(), demoConnections(server, org)); err != nil {
				return err
			}
			fmt.Fprintf(cmd.ErrOrStderr(), "Serving %d accounts at %s until interrupted (Ctrl-C).\n", len(org.Accounts), server.URL())
			<-cmd.Context().Done()
			return nil
		},
	}
	cmd.Flags().IntVar(&port, "port", 0, "`port` to serve on (default: a free one)")
	cmd.Flags().IntVar(&accounts, "accounts", 0, "serve `N` accounts whose trails all deliver, and in which nothing is alarmed, instead of the sample organization")
	cmd.Flags().DurationVar(&latency, "latency", 0, "make every answer take that long, e.g. 20ms")
	return cmd
}

// demoConnections serves the sample organization in this process.
func (f *connectFlags) demoConnections() ([]engine.Connection, string, func(), error) {
	org := sample.Demo(time.Now())
	server := sample.New(org)
	if err := server.Start(); err != nil {
		return nil, "", nil, err
	}
	connections := demoConnections(server, org)
	if f.regions != nil {
		for i := range connections {
			if connections[i].Children == nil {
				connections[i].Config += "regions = " + quoteList(f.regions) + "\n"
			}
		}
	}
	return connections, demoConnection, func() { server.Close() }, nil
}

// demoConnection is the connection that stands for all accounts of the sample organization.
const demoConnection = "ctcw"

// demoConnections returns one connection to the organization, one to each account that it leaves out, and
// one for all of them.
func demoConnections(server *sample.Server, org *sample.Organization) []engine.Connection {
	organization := engine.Connection{Name: demoConnection + "_organization"}
	connections := []engine.Connection{}
	var skip []string
	for _, a := range org.Accounts {
		if a.ID == sample.DemoApart {
			skip = append(skip, a.ID)
		}
		if a.Standalone || a.ID == sample.DemoApart {
			connections = append(connections, engine.Connection{
				Name: demoConnection + "_" + strings.ReplaceAll(a.Name, "-", "_"), Config: demoConfig(server, a)})
		}
	}
	organization.Config = demoConfig(server, org.Account(org.Management)) +
		"accounts = [\"*\"]\nrole_name = \"OrganizationAccountAccessRole\"\n"
	if skip != nil { // the sample organization, whose trails the exemptions are of
		organization.Config += demoExempt() + "skip_accounts = " + quoteList(skip) + "\n"
	}
	connections = append(connections, organization)
	all := engine.Connection{Name: demoConnection}
	for _, c := range connections {
		all.Children = append(all.Children, c.Name)
	}
	return append(connections, all)
}

func demoConfig(server *sample.Server, a *sample.Account) string {
	return fmt.Sprintf("access_key = %s\nsecret_key = %s\nendpoint_url = %s\n", quote(a.AccessKeyID), quote(a.SecretAccessKey), quote(server.URL()))
}

func demoExempt() string {
	exempt := "exempt = {\n"
	for glob, reason := range sample.DemoExempt {
		exempt += fmt.Sprintf("  %s = %s\n", quote(glob), quote(reason))
	}
	return exempt + "}\n"
}

func writeSPC(w io.Writer, connections []engine.Connection) error {
	for _, c := range connections {
		body := c.Config
		if c.Children != nil {
			body = "type = \"aggregator\"\nconnections = " + quoteList(c.Children) + "\n"
		}
		body = strings.ReplaceAll(strings.TrimSuffix(body, "\n"), "\n", "\n  ")
		if _, err := fmt.Fprintf(w, "connection %q {\n  plugin = \"local/ctcw\"\n  %s\n}\n\n", c.Name, body); err != nil {
			return err
		}
	}
	return nil
}
