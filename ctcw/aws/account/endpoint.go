package account

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
)

// everywhere is the endpoint that a connection names, as a source of the AWS SDK's configuration. As the first of
// them it goes before the environment's and the profile's, those for one service included.
type everywhere string

// GetServiceBaseEndpoint is what each client asks the sources for.
func (e everywhere) GetServiceBaseEndpoint(context.Context, string) (string, bool, error) {
	return string(e), true, nil
}

// GetIgnoreConfiguredEndpoints goes before AWS_IGNORE_CONFIGURED_ENDPOINT_URLS, which is about endpoints that the
// environment and the profile name.
func (everywhere) GetIgnoreConfiguredEndpoints(context.Context) (bool, bool, error) {
	return false, true, nil
}

// useEndpoint sends what is asked with a configuration to the endpoint that the connection names, if it names one.
// It comes after the credentials were set up: they are found without it, so that what opens more than this program
// asks for, as the token of an SSO session does, never goes there.
func (c Config) useEndpoint(base *aws.Config) {
	if c.EndpointURL != "" {
		base.BaseEndpoint = &c.EndpointURL
		base.ConfigSources = append([]any{everywhere(c.EndpointURL)}, base.ConfigSources...)
	}
}
