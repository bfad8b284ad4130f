package account_test

import (
	"context"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/ctcw/steampipe-plugin-ctcw/ctcw/aws/account"
	"github.com/ctcw/steampipe-plugin-ctcw/ctcw/sample"
	"github.com/ctcw/steampipe-plugin-ctcw/ctcw/tests/program"
)

func TestMain(m *testing.M) {
	program.Isolate()
	os.Exit(m.Run())
}

const getCallerIdentity, assumeRole = "sts:GetCallerIdentity", "sts:AssumeRole"

// serve starts a sample organization.
func serve(t *testing.T, org *sample.Organization) *sample.Server {
	t.Helper()
	server := sample.New(org)
	require.NoError(t, server.Start())
	t.Cleanup(func() { server.Close() })
	return server
}

// one is an organization of one account, whose role "audit" its own users may assume.
func one() *sample.Organization {
	return &sample.Organization{ID: "o-test", Management: "111111111111", Accounts: []*sample.Account{{
		ID: "111111111111", Name: "main", AccessKeyID: "AKIAMAIN", SecretAccessKey: "secret", Roles: []sample.Role{{Name: "audit"}},
	}}}
}

// keysOf is a connection with the keys of an organization's first account.
func keysOf(org *sample.Organization) account.Config {
	return account.Config{AccessKey: org.Accounts[0].AccessKeyID, SecretKey: org.Accounts[0].SecretAccessKey, MinRetryDelay: time.Millisecond}
}

// files are AWS's config and credentials files, for the time of a test.
type files struct{ config, credentials string }

func writeFiles(t *testing.T, config, credentials string) files {
	t.Helper()
	f := files{filepath.Join(t.TempDir(), "config"), filepath.Join(t.TempDir(), "credentials")}
	require.NoError(t, os.WriteFile(f.config, []byte(config), 0o600))
	require.NoError(t, os.WriteFile(f.credentials, []byte(credentials), 0o600))
	t.Setenv("AWS_CONFIG_FILE", f.config)
	t.Setenv("AWS_SHARED_CREDENTIALS_FILE", f.credentials)
	return f
}

// self opens a connection and asks who it is.
func self(t *testing.T, config account.Config) (string, error) {
	t.Helper()
	c, err := account.Open(context.Background(), config)
	if err != nil {
		return "", err
	}
	s, err := c.Self(context.Background())
	if err != nil {
		return "", err
	}
	return s.AccountID, nil
}

// person keeps what they were told and asked.
type person struct {
	mu          sync.Mutex
	told, asked []string
	answer      string
	err         error
}

func (p *person) Warn(text string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.told = append(p.told, text)
}

func (p *person) Ask(question string) (string, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.asked = append(p.asked, question)
	return p.answer, p.err
}
