// Package account reaches AWS accounts: from what a connection says to credentials, an identity, the
// enabled regions and regional clients.
package account

import (
	"errors"
	"fmt"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/danwakefield/fnmatch"

	"github.com/ctcw/steampipe-plugin-ctcw/ctcw/aws/awserr"
)

// Config says how to reach AWS. Names and meanings are those of Steampipe's AWS plugin. The zero
// value is complete: default credentials, all regions.
type Config struct {
	Profile       string
	AccessKey     string
	SecretKey     string
	SessionToken  string
	DefaultRegion string
	EndpointURL   string
	// Regions are globs of the regions to scan; nil means all.
	Regions []string
	// Accounts are ids, or globs of ids and names, of the accounts to scan; nil means the caller's own.
	Accounts []string
	// SkipAccounts are those to leave out of Accounts.
	SkipAccounts []string
	// RoleName is the role to assume in each account but the caller's own, with its path if it has one.
	RoleName string
	// ExternalID and RoleSessionName go with AssumeRole; the session name is "ctcw" by default.
	ExternalID      string
	RoleSessionName string
	// MaxAttempts counts the first try too; 0 means [DefaultMaxAttempts].
	MaxAttempts int
	// MinRetryDelay is the base of the exponential backoff; 0 means [DefaultMinRetryDelay].
	MinRetryDelay time.Duration
	// IgnoreCodes and IgnoreMessages name errors, by code and by regular expression over the message,
	// that rows do not report. What such an error hides stays unknown.
	IgnoreCodes    []string
	IgnoreMessages []string
}

// Defaults of the AWS plugin.
const (
	DefaultMaxAttempts   = 9
	DefaultMinRetryDelay = 25 * time.Millisecond
)

// Validate says in one line what is wrong with a configuration, before anything is asked of AWS.
func (c Config) Validate() error {
	switch {
	case c.Regions != nil && len(c.Regions) == 0:
		return errors.New(`regions is empty: name at least one region, or leave it out to scan all`)
	case slices.Contains(c.Regions, ""):
		return errors.New(`regions holds an empty string: name a region or a pattern such as "eu-*"`)
	case (c.AccessKey == "") != (c.SecretKey == ""):
		return errors.New("access_key and secret_key go together: set both or neither")
	case c.SessionToken != "" && c.AccessKey == "":
		return errors.New("session_token needs access_key and secret_key")
	}
	if c.EndpointURL != "" {
		u, err := url.Parse(c.EndpointURL)
		if err != nil || (u.Scheme != "http" && u.Scheme != "https") || u.Host == "" {
			return errors.New(`endpoint_url is not a URL such as "http://localhost:4566"`)
		}
	}
	for _, pattern := range c.IgnoreMessages {
		if _, err := regexp.Compile(pattern); err != nil {
			return fmt.Errorf("ignore_error_messages: %w", err)
		}
	}
	return c.validateAccounts()
}

// ErrorText returns the text that a row shows for an error: empty for nil and for an error to ignore.
func (c Config) ErrorText(err error) string {
	text := awserr.Text(err)
	if text == "" || slices.Contains(c.IgnoreCodes, awserr.Code(err)) {
		return ""
	}
	for _, pattern := range c.IgnoreMessages {
		if re, compileErr := regexp.Compile(pattern); compileErr == nil && re.MatchString(text) {
			return ""
		}
	}
	return text
}

func (c Config) wantsRegion(name string) bool {
	if c.Regions == nil {
		return true
	}
	return slices.ContainsFunc(c.Regions, func(glob string) bool { return Glob(glob, name) })
}

// Glob reports whether s matches a pattern in which * stands for any characters, also "/" and ":", and
// ? for one. Case does not count: it tells neither regions nor accounts apart.
func Glob(pattern, s string) bool {
	return fnmatch.Match(strings.ToLower(pattern), strings.ToLower(s), 0)
}
