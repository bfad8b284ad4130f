package account

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials/stscreds"
	"github.com/aws/aws-sdk-go-v2/service/organizations/types"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	"github.com/aws/smithy-go"

	"github.com/ctcw/steampipe-plugin-ctcw/ctcw/aws/awserr"
)

// Account is one of the accounts that a connection is to scan.
type Account struct {
	ID   string
	Name string // in AWS Organizations; empty where it was not asked
	// State is that of AWS Organizations: ACTIVE, or why the account cannot be used; empty where it was not asked.
	State string
}

// defaultSessionName is what CloudTrail shows of the plugin's calls in other accounts.
const defaultSessionName = "ctcw"

// Closed reports whether AWS Organizations says that the account is not in use.
func (a Account) Closed() bool { return a.State != "" && a.State != "ACTIVE" }

var accountID = regexp.MustCompile(`^[0-9]{12}$`)

func (c Config) validateAccounts() error {
	others := len(c.Accounts) > 0
	switch {
	case c.Accounts != nil && !others:
		return errors.New(`accounts is empty: use ["*"] for all accounts of the organization, or leave it out to scan only the caller's own`)
	case others && c.RoleName == "":
		return errors.New("accounts needs role_name: the name of the role to assume in each account")
	case !others && (c.RoleName != "" || c.ExternalID != "" || c.RoleSessionName != "" || c.SkipAccounts != nil):
		return errors.New(`role_name, external_id, role_session_name and skip_accounts need accounts, for example accounts = ["*"]`)
	case strings.HasPrefix(c.RoleName, "arn:"):
		return errors.New("role_name is an ARN: give only the role's name, it is looked for in each account")
	case slices.Contains(slices.Concat(c.Accounts, c.SkipAccounts), ""):
		return errors.New("accounts and skip_accounts must not hold an empty string")
	}
	return nil
}

// listsOrganization reports whether AWS Organizations has to be asked: not when every account is named.
func (c Config) listsOrganization() bool {
	return slices.ContainsFunc(c.Accounts, func(pattern string) bool { return !accountID.MatchString(pattern) })
}

// matches reports whether a pattern of accounts or skip_accounts means the account, by its id or its name.
func (a Account) matches(pattern string) bool {
	return Glob(pattern, a.ID) || (a.Name != "" && Glob(pattern, a.Name))
}

func (c Config) wantsAccount(a Account) bool {
	return slices.ContainsFunc(c.Accounts, a.matches) && !slices.ContainsFunc(c.SkipAccounts, a.matches)
}

// adviseListing says what to do about ListAccounts.
func (c Config) adviseListing(err error) string {
	switch {
	case awserr.IsCredentials(err):
		return c.signIn()
	case awserr.IsNetwork(err):
		return "check the network and endpoint_url, or name the accounts by their ids"
	case awserr.IsBusy(err):
		return "try again later, or name the accounts by their ids"
	default:
		return "organizations:ListAccounts works for the management account and delegated administrators; without it, name the accounts by their ids"
	}
}

// namedAccounts are those whose ids the connection gives.
func (c Config) namedAccounts() []string {
	return slices.DeleteFunc(slices.Clone(c.Accounts), func(pattern string) bool { return !accountID.MatchString(pattern) })
}

// stateOf returns an account's state. AWS retired Status for State in September 2026; emulators know only
// the former.
func stateOf(a types.Account) string {
	if a.State != "" {
		return string(a.State)
	}
	return string(a.Status)
}

// Session returns a session in one of the accounts: the connection's own, self, or one with the role assumed.
// An error is that account's own affair.
func (c *Connection) Session(ctx context.Context, self *Session, id string) (*Session, error) {
	if id == self.AccountID {
		return c.withRegions(ctx, self), nil
	}
	c.mu.Lock()
	known, ok := c.members[id]
	c.mu.Unlock()
	if ok && time.Now().Before(known.fresh) {
		return known, nil
	}
	session, err := c.assume(ctx, self, id)
	if err != nil {
		return nil, err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.members[id] = session
	return session, nil
}

// withRegions asks for the regions of the connection's own account again, for which the identity did not wait long, if an
// organization is scanned: its other accounts were asked since.
func (c *Connection) withRegions(ctx context.Context, self *Session) *Session {
	if c.config.Accounts == nil || !awserr.IsNetwork(self.regionsErr) {
		return self
	}
	again := c.newSession(self.AccountID, self.Partition, self.credentials)
	again.CallerARN, again.roles = self.CallerARN, self.roles
	enabled, err := describeRegions(ctx, again.config())
	again.setRegions(c.config, enabled, err)
	return again
}

// assume makes a session in another account. STS is asked where the base configuration points, so at a
// regional endpoint: tokens of the global one are refused in opt-in regions.
func (c *Connection) assume(ctx context.Context, self *Session, id string) (*Session, error) {
	role := fmt.Sprintf("arn:%s:iam::%s:role/%s", self.Partition, id, strings.TrimPrefix(c.config.RoleName, "/"))
	credentials := aws.NewCredentialsCache(stscreds.NewAssumeRoleProvider(self.roles, role, func(o *stscreds.AssumeRoleOptions) {
		o.RoleSessionName = c.config.RoleSessionName
		if o.RoleSessionName == "" {
			o.RoleSessionName = defaultSessionName
		}
		if c.config.ExternalID != "" {
			o.ExternalID = &c.config.ExternalID
		}
	}))
	session := c.newSession(id, self.Partition, credentials)
	if _, err := credentials.Retrieve(ctx); err != nil {
		if awserr.IsCredentials(err) {
			c.refused.Store(true) // not the role: what it is to be assumed with
		}
		var operation *smithy.OperationError
		if !errors.As(err, &operation) { // an answer without credentials is an error of the SDK's own making
			err = &smithy.OperationError{ServiceID: sts.ServiceID, OperationName: "AssumeRole", Err: err}
		}
		return nil, fmt.Errorf("cannot assume %s: %w", role, err)
	}
	enabled, err := describeRegions(ctx, session.config())
	session.setRegions(c.config, enabled, err)
	session.shareRegions(self)
	return session, nil
}
