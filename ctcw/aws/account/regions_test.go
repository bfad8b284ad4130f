package account

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// AWS names only regions that are enabled. An emulator names the others too, and to list trails there would be a failure.
func TestRegionsThatAreEnabled(t *testing.T) {
	item := func(name, status string) string {
		return fmt.Sprintf("<item><regionName>%s</regionName><optInStatus>%s</optInStatus></item>", name, status)
	}
	for name, c := range map[string]struct {
		items string
		want  []Region
		err   string
	}{
		"an emulator's": {
			item("us-east-1", "opt-in-not-required") + item("af-south-1", "not-opted-in") + item("me-south-1", "opted-in"),
			[]Region{{Name: "us-east-1"}, {Name: "me-south-1"}}, "",
		},
		"without a status": {"<item><regionName>us-east-1</regionName></item>", []Region{{Name: "us-east-1"}}, ""},
		"without a name":   {item("", "opted-in"), nil, "DescribeRegions named no region"},
		"none":             {"", nil, "DescribeRegions named no region"},
	} {
		t.Run(name, func(t *testing.T) {
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				fmt.Fprintf(w, "<DescribeRegionsResponse><regionInfo>%s</regionInfo></DescribeRegionsResponse>", c.items)
			}))
			defer server.Close()
			got, err := describeRegions(context.Background(), aws.Config{
				Region: "us-east-1", BaseEndpoint: aws.String(server.URL), Credentials: credentials.NewStaticCredentialsProvider("AKIAMAIN", "secret", ""),
			})
			assert.Equal(t, c.want, got)
			if c.err == "" {
				require.NoError(t, err)
			} else {
				require.EqualError(t, err, c.err)
			}
		})
	}
}
