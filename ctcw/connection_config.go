package ctcw

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/turbot/steampipe-plugin-sdk/v5/plugin"

	"github.com/ctcw/steampipe-plugin-ctcw/ctcw/aws/account"
	"github.com/ctcw/steampipe-plugin-ctcw/ctcw/scan"
)

// connectionConfig is a connection block of a .spc file. Every argument of Steampipe's AWS plugin is
// accepted, with its meaning, so that an aws.spc works with the plugin's name changed: the SDK rejects
// unknown arguments, and one rejected connection keeps all others from starting.
type connectionConfig struct {
	Regions               []string          `hcl:"regions,optional"`
	DefaultRegion         *string           `hcl:"default_region,optional"`
	Profile               *string           `hcl:"profile,optional"`
	AccessKey             *string           `hcl:"access_key,optional"`
	SecretKey             *string           `hcl:"secret_key,optional"`
	SessionToken          *string           `hcl:"session_token,optional"`
	MaxErrorRetryAttempts *int              `hcl:"max_error_retry_attempts,optional"`
	MinErrorRetryDelay    *int              `hcl:"min_error_retry_delay,optional"`
	IgnoreErrorCodes      []string          `hcl:"ignore_error_codes,optional"`
	IgnoreErrorMessages   []string          `hcl:"ignore_error_messages,optional"`
	EndpointURL           *string           `hcl:"endpoint_url,optional"`
	S3ForcePathStyle      *bool             `hcl:"s3_force_path_style,optional"` // accepted, nothing here asks S3
	Exempt                map[string]string `hcl:"exempt,optional"`

	// A whole organization through one connection. The names are those of AWS's own configuration file.
	Accounts        []string `hcl:"accounts,optional"`
	SkipAccounts    []string `hcl:"skip_accounts,optional"`
	RoleName        *string  `hcl:"role_name,optional"`
	ExternalID      *string  `hcl:"external_id,optional"`
	RoleSessionName *string  `hcl:"role_session_name,optional"`
}

// NewConnectionConfig returns what a connection block is decoded into: a pointer to a struct with hcl tags.
func NewConnectionConfig() any { return &connectionConfig{} }

// configOf returns a connection's configuration; an empty block, which the SDK hands over as nil, means
// all defaults.
func configOf(c *plugin.Connection) connectionConfig {
	if c == nil {
		return connectionConfig{}
	}
	config, _ := c.Config.(connectionConfig)
	return config
}

func (c connectionConfig) account() (account.Config, error) {
	if n := c.MaxErrorRetryAttempts; n != nil && *n < 1 {
		return account.Config{}, fmt.Errorf("max_error_retry_attempts is %d: it must be at least 1", *n)
	}
	if n := c.MinErrorRetryDelay; n != nil && *n < 1 {
		return account.Config{}, fmt.Errorf("min_error_retry_delay is %d: it must be at least 1 (milliseconds)", *n)
	}
	for _, pattern := range slices.Sorted(maps.Keys(c.Exempt)) {
		if !strings.Contains(pattern, ":trail/") && !strings.HasSuffix(pattern, "*") && !scan.IsClassGlob(pattern) {
			return account.Config{}, fmt.Errorf("exempt: %q is no pattern of a trail's ARN, such as \"arn:aws:cloudtrail:*:111122223333:trail/siem-*\", nor of an event class, such as \"111122223333/root_usage\"; accounts are left out with skip_accounts", pattern)
		}
		if strings.TrimSpace(c.Exempt[pattern]) == "" {
			return account.Config{}, fmt.Errorf("exempt: %q has no reason: an auditor will ask for it", pattern)
		}
	}
	config := account.Config{
		Profile:         deref(c.Profile),
		AccessKey:       deref(c.AccessKey),
		SecretKey:       deref(c.SecretKey),
		SessionToken:    deref(c.SessionToken),
		DefaultRegion:   deref(c.DefaultRegion),
		EndpointURL:     deref(c.EndpointURL),
		Regions:         c.Regions,
		Accounts:        c.Accounts,
		SkipAccounts:    c.SkipAccounts,
		RoleName:        deref(c.RoleName),
		ExternalID:      deref(c.ExternalID),
		RoleSessionName: deref(c.RoleSessionName),
		MaxAttempts:     deref(c.MaxErrorRetryAttempts),
		MinRetryDelay:   time.Duration(deref(c.MinErrorRetryDelay)) * time.Millisecond,
		IgnoreCodes:     c.IgnoreErrorCodes,
		IgnoreMessages:  c.IgnoreErrorMessages,
	}
	return config, nil
}

func deref[T any](p *T) (v T) {
	if p != nil {
		v = *p
	}
	return v
}
