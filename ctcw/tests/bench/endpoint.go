package main

import (
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"time"

	"github.com/ctcw/steampipe-plugin-ctcw/ctcw/sample"
)

// roleName is the role that every account of the organization has.
const roleName = "ctcw-audit"

// organization is the sample organization to serve.
type organization struct {
	Accounts, Trails int
	Latency          time.Duration
	// OrganizationTrail is one trail for all accounts, which have none of their own.
	OrganizationTrail bool
}

// address is where a sample organization is served, and whom to be there.
type address struct {
	URL, Control         string
	AccessKey, SecretKey string
	AccountIDs           []string
}

// serve is the child that serves an organization until its standard input ends.
func serve() error {
	var o organization
	if err := json.NewDecoder(os.Stdin).Decode(&o); err != nil {
		return err
	}
	org := sample.Large(o.Accounts, o.Trails, time.Now())
	if o.OrganizationTrail {
		org = sample.LargeOrganizationTrail(o.Accounts, time.Now())
	}
	// Checking signatures would cost the same time in every ratio, and so make each look better.
	server := sample.New(org, sample.WithoutSignatureCheck())
	server.SetLatency(o.Latency)
	if err := server.Start(); err != nil {
		return err
	}
	defer server.Close()
	listener, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		return err
	}
	go func() { _ = http.Serve(listener, control(server)) }() // it ends with the process
	self := address{
		URL: server.URL(), Control: "http://" + listener.Addr().String(),
		AccessKey: org.Accounts[0].AccessKeyID, SecretKey: org.Accounts[0].SecretAccessKey,
	}
	for _, a := range org.Accounts {
		self.AccountIDs = append(self.AccountIDs, a.ID)
	}
	if err := json.NewEncoder(os.Stdout).Encode(self); err != nil {
		return err
	}
	_, err = io.Copy(io.Discard, os.Stdin)
	return err
}

// endpoint is a running child that serves an organization.
type endpoint struct {
	address
	organization
	stop func()
}

func startEndpoint(o organization) (*endpoint, error) {
	cmd, err := childCommand("serve")
	if err != nil {
		return nil, err
	}
	stdin, err := cmd.StdinPipe()
	if err != nil {
		return nil, err
	}
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	e := &endpoint{organization: o, stop: func() { stdin.Close(); _ = cmd.Wait() }}
	if err := json.NewEncoder(stdin).Encode(o); err != nil {
		e.stop()
		return nil, fmt.Errorf("serve: %w", err)
	}
	if err := json.NewDecoder(stdout).Decode(&e.address); err != nil {
		e.stop()
		return nil, fmt.Errorf("serve: %w", err)
	}
	return e, nil
}

// connection is the body of a connection to the caller's own account, or to the whole organization.
func (a address) connection(whole bool) string {
	body := fmt.Sprintf("access_key = %q\nsecret_key = %q\nendpoint_url = %q\n", a.AccessKey, a.SecretKey, a.URL)
	if whole {
		body += fmt.Sprintf("accounts = [\"*\"]\nrole_name = %q\n", roleName)
	}
	return body
}
