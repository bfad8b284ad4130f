package account

import (
	"context"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestTheMetadataServicesModeIsThatOfTheSDK(t *testing.T) {
	for name, byProfile := range map[string]bool{"environment": false, "profile": true} {
		t.Run(name, func(t *testing.T) {
			t.Setenv("AWS_EC2_METADATA_DISABLED", "")
			if byProfile {
				file := filepath.Join(t.TempDir(), "config")
				require.NoError(t, os.WriteFile(file, []byte("[default]\nec2_metadata_service_endpoint_mode = IPv6\n"), 0o600))
				t.Setenv("AWS_CONFIG_FILE", file)
			} else {
				t.Setenv("AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE", "IPv6")
			}
			c, err := Open(context.Background(), Config{})
			require.NoError(t, err)
			_, err = c.base.Credentials.Retrieve(context.Background())
			assert.ErrorContains(t, err, "http://[fd00:ec2::254]/latest/", "nobody is there, off EC2")
		})
	}
}
