package account

import (
	"context"
	"sync"

	"github.com/aws/aws-sdk-go-v2/aws"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/aws-sdk-go-v2/credentials/ec2rolecreds"
	"github.com/aws/aws-sdk-go-v2/feature/ec2/imds"
)

// instanceMetadata is the metadata service of an EC2 instance, as the environment and the profile set it up. Off EC2
// nothing answers at its address, and the SDK's patience there is long: this client's is short.
type instanceMetadata func() *imds.Client

// newInstanceMetadata makes the client when it is needed, as base has no settings before.
func newInstanceMetadata(base *aws.Config) instanceMetadata {
	return sync.OnceValue(func() *imds.Client {
		return imds.NewFromConfig(aws.Config{
			ConfigSources: base.ConfigSources,
			Logger:        base.Logger,
			HTTPClient:    awshttp.NewBuildableClient().WithTimeout(instanceTimeout),
			Retryer:       func() aws.Retryer { return aws.NopRetryer{} },
		})
	})
}

var _ ec2rolecreds.GetMetadataAPIClient = instanceMetadata(nil)

// GetMetadata implements [ec2rolecreds.GetMetadataAPIClient].
func (client instanceMetadata) GetMetadata(ctx context.Context, in *imds.GetMetadataInput, options ...func(*imds.Options)) (*imds.GetMetadataOutput, error) {
	return client().GetMetadata(ctx, in, options...)
}
