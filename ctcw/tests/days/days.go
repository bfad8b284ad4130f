// Package days drives the sample organization from day to day, for tests of what is kept of it.
package days

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/turbot/steampipe-plugin-sdk/v5/grpc/proto"
	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/ctcw/steampipe-plugin-ctcw/ctcw"
	"github.com/ctcw/steampipe-plugin-ctcw/ctcw/sample"
	"github.com/ctcw/steampipe-plugin-ctcw/ctcw/standalone/engine"
	"github.com/ctcw/steampipe-plugin-ctcw/ctcw/standalone/evidence"
	"github.com/ctcw/steampipe-plugin-ctcw/ctcw/tests/program"
)

// Organization is served, and asked on days that the test chooses.
type Organization struct {
	t      testing.TB
	Server *sample.Server
	config string
}

// Serve serves an organization, which is asked through its management account.
func Serve(t testing.TB, org *sample.Organization) *Organization {
	t.Helper()
	program.Isolate()
	server := sample.New(org)
	require.NoError(t, server.Start())
	t.Cleanup(func() { server.Close() })
	management := org.Account(org.Management)
	config := fmt.Sprintf("access_key = %q\nsecret_key = %q\nendpoint_url = %q\naccounts = [\"*\"]\nrole_name = \"OrganizationAccountAccessRole\"\nmax_error_retry_attempts = 1\n",
		management.AccessKeyID, management.SecretAccessKey, server.URL())
	return &Organization{t, server, config}
}

// Exempt adds an argument to the connection.
func (o *Organization) Exempt(glob, reason string) {
	o.config += fmt.Sprintf("exempt = { %q = %q }\n", glob, reason)
}

// Engine asks the organization as it is, as if it were that time.
func (o *Organization) Engine(at time.Time) *engine.Engine {
	o.t.Helper()
	e, err := engine.Open(clock{ctcw.Server(), at}, []engine.Connection{{Name: "ctcw", Config: o.config}}, "ctcw")
	require.NoError(o.t, err)
	o.t.Cleanup(func() { e.Close() })
	return e
}

// Append adds a run of that time to a file.
func (o *Organization) Append(path string, at time.Time) evidence.Run {
	o.t.Helper()
	ctx := context.Background()
	collected, err := evidence.Collect(ctx, o.Engine(at))
	require.NoError(o.t, err)
	run, err := collected.Append(ctx, path, evidence.Provenance{
		Started: at.Add(-time.Minute), Finished: at, Version: "1.2.3", Source: "the sample organization", Callers: []string{"arn:aws:iam::100000000001:user/ctcw"}, Calls: 42,
		Connections: []evidence.Connection{{Name: "ctcw", Arguments: map[string]any{"accounts": []string{"*"}}}}})
	require.NoError(o.t, err)
	return run
}

// clock has rows say that they were checked at another time than they were.
type clock struct {
	engine.Plugin
	at time.Time
}

// Execute implements engine.Plugin.
func (c clock) Execute(request *proto.ExecuteRequest, stream proto.WrapperPlugin_ExecuteServer) error {
	return c.Plugin.Execute(request, clockStream{stream, c.at})
}

type clockStream struct {
	proto.WrapperPlugin_ExecuteServer
	at time.Time
}

// Send implements the stream.
func (s clockStream) Send(response *proto.ExecuteResponse) error {
	if row := response.GetRow(); row != nil && row.Columns["checked_at"] != nil {
		row.Columns["checked_at"] = &proto.Column{Value: &proto.Column_TimestampValue{TimestampValue: timestamppb.New(s.at)}}
	}
	return s.WrapperPlugin_ExecuteServer.Send(response)
}
