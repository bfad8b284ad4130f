package account

import (
	"context"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestOnlyProgramsAndPeopleMayTakeLongToFindCredentials(t *testing.T) {
	const role = "role_arn = arn:aws:iam::111111111111:role/audit\nsource_profile = main\n"
	for profile, want := range map[string]time.Duration{
		"credential_process = true\n":                                                               processTimeout,
		role + "[profile main]\ncredential_process = true\n":                                        processTimeout,
		role + "[profile main]\naws_access_key_id = a\naws_secret_access_key = b\n":                 credentialsTimeout,
		role + "mfa_serial = m\n[profile main]\naws_access_key_id = a\naws_secret_access_key = b\n": answerTimeout,
		"": credentialsTimeout,
	} {
		file := filepath.Join(t.TempDir(), "config")
		require.NoError(t, os.WriteFile(file, []byte("[profile audit]\n"+profile), 0o600))
		t.Setenv("AWS_CONFIG_FILE", file)
		c, err := Open(context.Background(), Config{Profile: "audit"})
		require.NoError(t, err)
		assert.Equal(t, want, c.patience, profile)
	}
}
