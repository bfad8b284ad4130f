package account

import (
	"errors"
	"fmt"
	"strings"

	awsconfig "github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/smithy-go"

	"github.com/ctcw/steampipe-plugin-ctcw/ctcw/aws/awserr"
)

func (c Config) explainLoad(err error) error {
	var missing awsconfig.SharedConfigProfileNotExistError
	if errors.As(err, &missing) {
		return fmt.Errorf(`profile %q is not in the AWS config and credentials files: "aws configure list-profiles" shows those that are`, missing.Profile)
	}
	return fmt.Errorf("cannot read the AWS configuration%s: %s", c.ofProfile(), strings.Join(strings.Fields(err.Error()), " "))
}

// regionDisabled is what STS answers in a region in which the account has switched it off.
const regionDisabled = "RegionDisabledException"

// explainCredentials says why no credentials were found. Those of a profile's role come from STS too.
func (c *Connection) explainCredentials(err error) error {
	var (
		code *codeError
		api  smithy.APIError
	)
	switch {
	case errors.As(err, &code):
		return code
	case awserr.Code(err) == regionDisabled:
		return c.explainRegion(err)
	case errors.As(err, &api) && awserr.IsBusy(err):
		return fmt.Errorf("cannot get AWS credentials%s now (%s): try again later", c.config.ofProfile(), awserr.Text(err))
	default:
		return fmt.Errorf("found no AWS credentials that work%s (%s): %s", c.config.ofProfile(), awserr.Text(err), c.advise(err))
	}
}

func (c *Connection) explainIdentity(err error) error {
	switch code := awserr.Code(err); {
	case code == "ExpiredToken" || code == "ExpiredTokenException":
		return fmt.Errorf("the AWS credentials%s have expired: %s", c.config.ofProfile(), c.config.signIn())
	case code == regionDisabled:
		return c.explainRegion(err)
	case awserr.IsCredentials(err):
		return fmt.Errorf("AWS refuses the credentials%s (%s): %s", c.config.ofProfile(), awserr.Text(err), c.advise(err))
	case awserr.IsNetwork(err):
		return fmt.Errorf("cannot ask AWS STS at %s who the credentials%s belong to (%s): check the network, the region and endpoint_url",
			c.endpoint(), c.config.ofProfile(), awserr.Text(err))
	case awserr.IsBusy(err):
		return fmt.Errorf("AWS STS does not say now who the credentials%s belong to (%s): try again later", c.config.ofProfile(), awserr.Text(err))
	default:
		return fmt.Errorf("AWS STS does not say who the credentials%s belong to (%s): %s", c.config.ofProfile(), awserr.Text(err), c.config.signIn())
	}
}

func (c *Connection) explainRegion(err error) error {
	return fmt.Errorf("AWS STS is switched off in region %s for this account (%s): set default_region to another region, or switch it on under IAM, Account settings",
		c.base.Region, awserr.Text(err))
}

// advise says what to do about credentials that are refused. Another partition does not know them, and nobody may
// have said which one is theirs.
func (c *Connection) advise(err error) string {
	if c.guessed && awserr.IsCredentials(err) {
		return c.config.signIn() + `; credentials of AWS GovCloud (US) or China need default_region too, for example "us-gov-west-1" or "cn-north-1"`
	}
	return c.config.signIn()
}

func (c *Connection) endpoint() string {
	if c.base.BaseEndpoint != nil {
		if u := PublicURL(*c.base.BaseEndpoint); u != "" {
			return u
		}
	}
	return "region " + c.base.Region
}

func (c Config) ofProfile() string {
	if c.Profile == "" {
		return ""
	}
	return fmt.Sprintf(" of profile %q", c.Profile)
}

func (c Config) signIn() string {
	if c.AccessKey != "" {
		return "check access_key, secret_key and session_token"
	}
	if c.Profile != "" {
		return fmt.Sprintf(`sign in (for example "aws sso login --profile %[1]s") until "aws sts get-caller-identity --profile %[1]s" works`, c.Profile)
	}
	return `set a profile, keys or AWS_PROFILE, or sign in, until "aws sts get-caller-identity" works`
}
