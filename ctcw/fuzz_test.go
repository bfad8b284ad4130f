package ctcw_test

import (
	"strings"
	"testing"

	"github.com/turbot/steampipe-plugin-sdk/v5/grpc/proto"
)

// FuzzConnectionConfig hands any text to the plugin as a connection's block. The plugin takes it or says what
// is wrong, and goes on to serve the other connections.
func FuzzConnectionConfig(f *testing.F) {
	for _, s := range []string{
		"", "regions = [\"*\"]\n", "regions = []", "regions = [1]", "region = \"x\"", "access_key = \"a\"\nsecret_key = \"${b}\"\n",
		"exempt = { \"*\" = \"why\" }", "exempt = { a = [1] }", "max_error_retry_attempts = 1e99", "max_error_retry_attempts = -1", "accounts = [\"*\"]\nrole_name = \"r\"\n",
		"regions = null", "exempt = null", "regions = [null]", "min_error_retry_delay = 1.5", "s3_force_path_style = \"true\"", "x {", "<<E\n",
	} {
		f.Add(s)
	}
	server := plugin()
	f.Fuzz(func(t *testing.T, s string) {
		_, err := server.UpdateConnectionConfigs(&proto.UpdateConnectionConfigsRequest{
			Added: []*proto.ConnectionConfig{{Connection: "fuzz", Config: s}, {Connection: "sound", Config: "profile = \"p\""}},
		})
		if err != nil && (strings.TrimSpace(err.Error()) == "" || strings.Contains(err.Error(), "panic")) {
			t.Fatalf("%q: %v", s, err)
		}
		if _, err := server.GetSchema(&proto.GetSchemaRequest{Connection: "sound"}); err != nil {
			t.Fatalf("%q: another connection is lost: %v", s, err)
		}
		_, err = server.UpdateConnectionConfigs(&proto.UpdateConnectionConfigsRequest{Deleted: []*proto.ConnectionConfig{{Connection: "fuzz"}, {Connection: "sound"}}})
		if err != nil {
			t.Fatal(err)
		}
	})
}
