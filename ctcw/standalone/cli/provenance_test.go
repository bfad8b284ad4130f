package cli

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestWhatAFileOfRunsKeepsOfAConnection(t *testing.T) {
	for argument, want := range map[string]any{
		`endpoint_url = "https://name:word@host:1/path?token=t#f"`: "https://host:1/path",
		`endpoint_url = "http://[::1"`:                             notRecorded,
		`endpoint_url = 4566`:                                      "4566",
		`endpoint_url = ["a"]`:                                     notRecorded,
		`endpoint_url = null`:                                      json.RawMessage("null"),
		`regions = ["us-*"]`:                                       json.RawMessage(`["us-*"]`),
		`secret_key = "s"`:                                         notRecorded,
	} {
		for _, got := range argumentsOf(argument + "\n") {
			assert.Equal(t, want, got, argument)
		}
		assert.Len(t, argumentsOf(argument+"\n"), 1, argument)
	}
}
