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
)

// credentialOptions say how the AWS SDK is to find credentials. base is the configuration that they are found for;
// it is looked at when they are, so once it is complete.
func credentialOptions(base *aws.Config) []func(*awsconfig.LoadOptions) error {
	return []func(*awsconfig.LoadOptions) error{
		awsconfig.WithAssumeRoleCredentialOptions(func(o *stscreds.AssumeRoleOptions) {
			o.Client = roles{o.Client, base}
		}),
		awsconfig.WithWebIdentityRoleCredentialOptions(func(o *stscreds.WebIdentityRoleOptions) {
			o.Client = roles{base: base}
		}),
		awsconfig.WithEC2RoleCredentialOptions(func(o *ec2rolecreds.Options) {
			o.Client = newInstanceMetadata(base)
		}),
	}
}

// patienceWith is how long a source of credentials may take. A credential_process may sign in somewhere first, or
// wait for a person; all others are asked over a network, and where there are none that must not take long.
func patienceWith(provider aws.CredentialsProvider) time.Duration {
	if chain, ok := provider.(aws.CredentialProviderSource); ok && slices.Contains(chain.ProviderSources(), aws.CredentialSourceProcess) {
		return processTimeout
	}
	return credentialsTimeout
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
