package account

import (
	"context"
	"fmt"
	"net"
	"net/url"
	"strings"
	"sync"

	"github.com/aws/aws-sdk-go-v2/aws"
	awsmiddleware "github.com/aws/aws-sdk-go-v2/aws/middleware"
	"github.com/aws/smithy-go/middleware"
	smithyhttp "github.com/aws/smithy-go/transport/http"

	"github.com/ctcw/steampipe-plugin-ctcw/ctcw/base/operator"
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

// PublicURL takes out of a URL what may be a secret: name, password, query and fragment. It is empty for what is no URL.
func PublicURL(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return ""
	}
	u.User, u.RawQuery, u.ForceQuery, u.Fragment = nil, "", false, ""
	return u.String()
}

// warnOfPlain warns, once for each, of machines that are asked without encryption. Requests are signed, so keys stay
// secret; session tokens and answers do not, and an answer may be another's.
func warnOfPlain() func(*middleware.Stack) error {
	var warned sync.Map // by host
	return func(stack *middleware.Stack) error {
		return stack.Deserialize.Add(middleware.DeserializeMiddlewareFunc("ctcwPlain",
			func(ctx context.Context, in middleware.DeserializeInput, next middleware.DeserializeHandler) (
				middleware.DeserializeOutput, middleware.Metadata, error,
			) {
				// A container's own source of credentials is plain by design, and no service.
				if r, ok := in.Request.(*smithyhttp.Request); ok && awsmiddleware.GetServiceID(ctx) != "" && isPlain(r.URL) {
					if _, already := warned.LoadOrStore(r.URL.Host, true); !already {
						operator.From(ctx).Warn(fmt.Sprintf("requests to http://%s are not encrypted: on the way there session tokens can be read, and answers read and forged. Use https://.", r.URL.Host))
					}
				}
				return next.HandleDeserialize(ctx, in)
			}), middleware.Before)
	}
}

// isPlain reports whether what is sent to a URL goes over a network without encryption.
func isPlain(u *url.URL) bool {
	host := u.Hostname()
	ip := net.ParseIP(host)
	return u.Scheme == "http" && host != "localhost" && !strings.HasSuffix(host, ".localhost") && (ip == nil || !ip.IsLoopback())
}
