package cli

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/ctcw/steampipe-plugin-ctcw/ctcw/sample"
)

// TestTheDemoExemptsOnlyWhatItServes: an exemption of no trail is warned of in every command.
func TestTheDemoExemptsOnlyWhatItServes(t *testing.T) {
	for name, org := range map[string]*sample.Organization{"the sample": sample.Demo(time.Now()), "large": sample.Large(3, 1, time.Now())} {
		server := sample.New(org)
		require.NoError(t, server.Start())
		var spc strings.Builder
		require.NoError(t, writeSPC(&spc, demoConnections(server, org)))
		server.Close()
		assert.Equal(t, name == "the sample", strings.Contains(spc.String(), "exempt = {"), spc.String())
		assert.Contains(t, spc.String(), `accounts = ["*"]`)
	}
}
