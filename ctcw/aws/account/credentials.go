package account

import (
	"context"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awsconfig "github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/credentials/ec2rolecreds"
	"github.com/aws/aws-sdk-go-v2/credentials/stscreds"
	"github.com/aws/aws-sdk-go-v2/service/sts"

	"github.com/ctcw/steampipe-plugin-ctcw/ctcw/base/operator"
)

// sources are where the AWS SDK finds credentials.
type sources struct {
	base *aws.Config // that they are found for. It is looked at when they are, so once it is complete
	asks bool        // for a code of MFA
}

func (s *sources) options(ctx context.Context) []func(*awsconfig.LoadOptions) error {
	return []func(*awsconfig.LoadOptions) error{
		awsconfig.WithAssumeRoleCredentialOptions(func(o *stscreds.AssumeRoleOptions) {
			o.Client = roles{o.Client, s.base}
			if o.SerialNumber != nil {
				s.asks = true
				askForCode(operator.From(ctx), s.base, o)
			}
		}),
		awsconfig.WithWebIdentityRoleCredentialOptions(func(o *stscreds.WebIdentityRoleOptions) {
			o.Client = roles{base: s.base}
		}),
		awsconfig.WithEC2RoleCredentialOptions(func(o *ec2rolecreds.Options) {
			o.Client = newInstanceMetadata(s.base)
		}),
	}
}

// patience is how long finding credentials may take. A credential_process may sign in somewhere first, or ask a
// person; all other sources are asked over a network, and where there are none that must not take long.
func (s *sources) patience() time.Duration {
	chain, ok := s.base.Credentials.(aws.CredentialProviderSource)
	switch {
	case s.asks:
		return answerTimeout
	case ok && slices.Contains(chain.ProviderSources(), aws.CredentialSourceProcess):
		return processTimeout
	default:
		return credentialsTimeout
	}
}

// roles assumes the role of a profile where STS is asked for everything else, as the aws command line does. The SDK
// looks for credentials before it knows its endpoint and, here, its region.
type roles struct {
	stscreds.AssumeRoleAPIClient
	base *aws.Config
}

// AssumeRole implements [stscreds.AssumeRoleAPIClient].
func (r roles) AssumeRole(ctx context.Context, in *sts.AssumeRoleInput, options ...func(*sts.Options)) (*sts.AssumeRoleOutput, error) {
	asElsewhere := sts.NewFromConfig(*r.base).Options()
	return r.AssumeRoleAPIClient.AssumeRole(ctx, in, append(options, func(o *sts.Options) {
		o.BaseEndpoint, o.Region = asElsewhere.BaseEndpoint, asElsewhere.Region
	})...)
}

// AssumeRoleWithWebIdentity implements [stscreds.AssumeRoleWithWebIdentityAPIClient]. It needs no credentials.
func (r roles) AssumeRoleWithWebIdentity(ctx context.Context, in *sts.AssumeRoleWithWebIdentityInput, options ...func(*sts.Options)) (*sts.AssumeRoleWithWebIdentityOutput, error) {
	return sts.NewFromConfig(*r.base).AssumeRoleWithWebIdentity(ctx, in, options...)
}
