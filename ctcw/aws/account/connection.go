package account

import (
	"context"
	"errors"
	"fmt"
	"log"
	"maps"
	"net/http"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/arn"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	awsconfig "github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	"github.com/aws/smithy-go/logging"
	"github.com/aws/smithy-go/middleware"
	"golang.org/x/sync/errgroup"
	"golang.org/x/sync/singleflight"

	"github.com/ctcw/steampipe-plugin-ctcw/ctcw/aws/awserr"
)

// Time limits. With the query cache on, Steampipe runs a scan on a context that nobody cancels, so
// every call carries its own.
const (
	attemptTimeout     = 10 * time.Second // one HTTP request
	callTimeout        = 30 * time.Second // one API call with its retries, waiting for its turn not counted
	credentialsTimeout = 8 * time.Second  // finding credentials
	processTimeout     = 55 * time.Second // finding them with a program: the SDK ends it after a minute
	answerTimeout      = 5 * time.Minute  // finding them with the help of a person
	identityTimeout    = 15 * time.Second // identity and regions
	instanceTimeout    = 2 * time.Second  // one request to the EC2 instance metadata service
	maxRetryDelay      = 5 * time.Second

	// identityTTL is how long an identity and its regions are believed: as long as Steampipe caches rows.
	identityTTL = 5 * time.Minute
)

// Connection is one set of credentials and the accounts they reach. It is safe for concurrent use and
// keeps HTTP connections, credentials and identity from query to query.
type Connection struct {
	config   Config
	base     aws.Config
	profile  awsconfig.SharedConfig // that the base was made of
	files    atomic.Uint64          // sum of the files that say so
	refused  atomic.Bool            // that is, the credentials: there were none, or AWS does not take them
	guessed  bool                   // that is, the region
	patience time.Duration          // with finding credentials

	limits *limits

	flight  singleflight.Group
	mu      sync.Mutex
	known   *reach
	members map[string]*Session // by account
}

// reach is what a connection's credentials turned out to reach.
type reach struct {
	self      *Session
	accounts  *List
	accessKey string    // the id of the key that was asked with
	fresh     time.Time // until when it is believed
}

// believed reports whether it need not be asked for again.
func (r *reach) believed() bool {
	return r != nil && time.Now().Before(r.fresh) && !r.accounts.broken()
}

// Open reads the AWS configuration of a connection. It asks nothing of AWS.
func Open(ctx context.Context, config Config) (*Connection, error) {
	if err := config.Validate(); err != nil {
		return nil, err
	}
	env, err := awsconfig.NewEnvConfig()
	if err != nil {
		return nil, config.explainLoad(err)
	}
	files := filesIn(env).sum() // before they are read: if they change meanwhile, that is noticed later
	var base aws.Config
	from := &sources{base: &base}
	loaded, err := awsconfig.LoadDefaultConfig(ctx, append(config.loadOptions(), from.options(ctx)...)...)
	if err != nil {
		return nil, config.explainLoad(err)
	}
	base = loaded
	guessed := base.Region == ""
	if guessed {
		base.Region = config.guessRegion()
	}
	config.useEndpoint(&base)
	limits := newLimits()
	base.Retryer = func() aws.Retryer { return config.retryer(&limits.refused) }
	if config.MaxAttempts != 0 {
		base.RetryMaxAttempts = 0 // of AWS_MAX_ATTEMPTS or the profile: the SDK would put it over the retryer's
	}
	c := &Connection{
		config: config, base: base, profile: profileIn(base), guessed: guessed, patience: from.patience(),
		limits: limits, members: map[string]*Session{},
	}
	c.files.Store(files)
	return c, nil
}

func (c Config) loadOptions() []func(*awsconfig.LoadOptions) error {
	options := []func(*awsconfig.LoadOptions) error{
		awsconfig.WithAppID("ctcw"),
		// Its own logger writes to standard error, between the lines that are for the user.
		awsconfig.WithLogger(logging.LoggerFunc(func(level logging.Classification, format string, v ...any) {
			log.Printf("["+string(level)+"] AWS SDK: "+format, v...)
		})),
		awsconfig.WithHTTPClient(awshttp.NewBuildableClient().WithTimeout(attemptTimeout).WithTransportOptions(func(t *http.Transport) {
			t.MaxIdleConns = 0               // no limit: a scan keeps one busy host for each region and service
			t.MaxIdleConnsPerHost = maxCalls // behind an endpoint_url, one host has them all
		})),
		awsconfig.WithAPIOptions([]func(*middleware.Stack) error{warnOfPlain()}),
	}
	if c.Profile != "" {
		options = append(options, awsconfig.WithSharedConfigProfile(c.Profile))
	}
	if c.AccessKey != "" {
		options = append(options, awsconfig.WithCredentialsProvider(
			credentials.NewStaticCredentialsProvider(c.AccessKey, c.SecretKey, c.SessionToken)))
	}
	if c.DefaultRegion != "" {
		options = append(options, awsconfig.WithRegion(c.DefaultRegion))
	}
	return options
}

// Self returns the account that the connection's own credentials belong to. An error says in one line
// why they do not work and what to do.
func (c *Connection) Self(ctx context.Context) (*Session, error) {
	r, err := c.reach(ctx)
	if err != nil {
		return nil, err
	}
	return r.self, nil
}

// Accounts returns what [Connection.Self] does, and the accounts to scan, of which the first are known. An error is
// that of Self, or says why the organization cannot be listed.
func (c *Connection) Accounts(ctx context.Context) (*Session, *List, error) {
	r, err := c.reach(ctx)
	if err != nil {
		return nil, nil, err
	}
	return r.self, r.accounts, nil
}

func (c *Connection) reach(ctx context.Context) (*reach, error) {
	c.mu.Lock()
	known := c.known
	c.mu.Unlock()
	if known.believed() {
		// Credentials may run out while the identity is believed. To find them again costs nothing as long as they last. A
		// program that gives them may give another account's then.
		accessKey, err := c.findCredentials(ctx)
		if err != nil {
			return nil, err
		}
		if accessKey == known.accessKey {
			return known, nil
		}
	}
	// The first query to ask does so for all that wait; its being cancelled must not fail the others.
	result := c.flight.DoChan("", func() (any, error) { return c.identify(context.WithoutCancel(ctx)) })
	select {
	case r := <-result:
		if r.Err != nil {
			return nil, r.Err
		}
		return r.Val.(*reach), nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// ErrorText returns the text that a row shows for an error: see [Config.ErrorText].
func (c *Connection) ErrorText(err error) string { return c.config.ErrorText(err) }

// ForgetSession has a role assumed again that a session was made with: its credentials are refused, as after
// somebody revoked them.
func (c *Connection) ForgetSession(s *Session) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.members[s.AccountID] == s {
		delete(c.members, s.AccountID)
	}
}

// Forget makes the next query ask for the identity, and for sessions in other accounts, again.
func (c *Connection) Forget() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.known = nil
	clear(c.members)
}

// identify asks for identity, regions and the first accounts at once: they cost one round trip.
func (c *Connection) identify(ctx context.Context) (*reach, error) {
	accessKey, err := c.findCredentials(ctx)
	if err != nil {
		return nil, err
	}
	group, listCtx := errgroup.WithContext(ctx)
	ctx, cancel := context.WithTimeout(listCtx, identityTimeout)
	defer cancel()
	var (
		config     = c.limits.apply(c.base)
		identity   *sts.GetCallerIdentityOutput
		enabled    []Region
		accounts   *List
		listErr    error
		regionsErr error
	)
	group.Go(func() (err error) {
		identity, err = sts.NewFromConfig(config, failFast).GetCallerIdentity(ctx, nil)
		return err
	})
	group.Go(func() error {
		// A failure is the account's own affair, not the connection's.
		enabled, regionsErr = describeRegions(ctx, config)
		return nil
	})
	if c.config.Accounts != nil {
		accounts = newList(c.config, config)
		group.Go(func() error {
			// Credentials that do not work are the identity's failure to tell.
			_, listErr = accounts.From(listCtx, 0)
			return nil
		})
	}
	if err := group.Wait(); err != nil {
		if awserr.IsCredentials(err) {
			c.refused.Store(true)
		}
		return nil, c.explainIdentity(err)
	}
	if listErr != nil {
		return nil, listErr
	}
	caller, err := arn.Parse(aws.ToString(identity.Arn))
	if err != nil || aws.ToString(identity.Account) == "" {
		return nil, fmt.Errorf("AWS STS names neither an account nor an ARN of the caller (account %q, ARN %q): check endpoint_url",
			aws.ToString(identity.Account), aws.ToString(identity.Arn))
	}
	self := c.newSession(*identity.Account, caller.Partition, c.base.Credentials)
	self.CallerARN, self.roles = aws.ToString(identity.Arn), sts.NewFromConfig(self.config())
	self.setRegions(c.config, enabled, regionsErr)
	if _, unknown := self.Regions(); unknown == nil { // a region newer than this program may be what is meant
		if err := c.config.checkRegions(self.Partition, enabled); err != nil {
			return nil, err
		}
	}
	if c.config.Accounts == nil {
		accounts = listOf(self.AccountID)
	}

	c.mu.Lock()
	defer c.mu.Unlock()
	if c.known == nil || c.known.self.CallerARN != self.CallerARN {
		clear(c.members) // another identity may not assume what the last one could
	}
	c.known = &reach{self: self, accounts: accounts, accessKey: accessKey, fresh: self.fresh}
	maps.DeleteFunc(c.members, func(_ string, s *Session) bool { return !time.Now().Before(s.fresh) })
	return c.known, nil
}

// failFast keeps a mistyped endpoint from being tried again and again.
func failFast(o *sts.Options) {
	inner := o.Retryer
	o.Retryer = refusedIsFinal{inner}
}

type refusedIsFinal struct{ aws.Retryer }

func (r refusedIsFinal) IsErrorRetryable(err error) bool {
	return !errors.Is(err, syscall.ECONNREFUSED) && r.Retryer.IsErrorRetryable(err)
}

// findCredentials returns the id of the key that the connection's calls are signed with.
func (c *Connection) findCredentials(ctx context.Context) (accessKey string, err error) {
	if c.base.Credentials == nil {
		return "", errors.New("found no AWS credentials: " + c.config.signIn())
	}
	limited, cancel := context.WithTimeout(ctx, c.patience)
	defer cancel()
	found, err := c.base.Credentials.Retrieve(limited)
	switch {
	case err == nil:
		return found.AccessKeyID, nil
	case ctx.Err() != nil:
		return "", ctx.Err()
	}
	c.refused.Store(true)
	return "", c.explainCredentials(err)
}
