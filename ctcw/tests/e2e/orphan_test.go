package e2e

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"github.com/turbot/steampipe-plugin-sdk/v5/grpc/proto"

	"github.com/ctcw/steampipe-plugin-ctcw/ctcw/sample"
)

// asManager is the variable that makes this test binary play Steampipe's plugin manager, and that says which
// connection to give to the plugin.
const asManager = "CTCW_E2E_MANAGER"

// beManager starts the plugin, prints where it listens, has it scan, and waits to be killed.
func beManager() {
	binary = os.Getenv("CTCW_BINARY")
	client, p, err := serving(os.Environ(), io.Discard)
	if err == nil {
		_, err = p.SetAllConnectionConfigs(&proto.SetAllConnectionConfigsRequest{MaxCacheSizeMb: 16,
			Configs: []*proto.ConnectionConfig{{Connection: "c", Config: os.Getenv(asManager)}}})
	}
	if err != nil {
		client.Kill()
		fmt.Println(err)
		os.Exit(1)
	}
	fmt.Println(client.ReattachConfig().Addr)
	_, err = execute(p, []string{"arn", "is_logging"}, false, "c")
	fmt.Println("scanned", err)
	select {}
}

// TestThePluginEndsWithItsManager: kill -9 leaves no plugin behind, neither one that has nothing to do nor one
// that waits for AWS.
func TestThePluginEndsWithItsManager(t *testing.T) {
	for what, fault := range map[string]sample.FaultKind{"idle": sample.UnknownFields, "waiting": sample.Hang} {
		t.Run(what, func(t *testing.T) {
			server, org := serve(t)
			server.Inject(sample.Fault{Action: "cloudtrail:*", Kind: fault})
			manager := exec.Command(os.Args[0])
			manager.Env = append(environment(t), "CTCW_BINARY="+binary, asManager+"="+connectionTo(server, org.Accounts[0]).Config)
			stdout, err := manager.StdoutPipe()
			require.NoError(t, err)
			require.NoError(t, manager.Start())
			t.Cleanup(func() { manager.Process.Kill() })
			said := bufio.NewScanner(stdout)
			require.True(t, said.Scan())
			socket := said.Text()
			listens := func() bool {
				conn, err := net.Dial("unix", socket)
				if err == nil {
					conn.Close()
				}
				return err == nil
			}
			asked := func() bool { return server.Calls().Of("cloudtrail:DescribeTrails") > 0 }
			require.Eventually(t, asked, 20*time.Second, 10*time.Millisecond, socket)
			if what == "idle" {
				require.True(t, said.Scan())
				require.Equal(t, "scanned <nil>", said.Text())
			}
			require.True(t, listens(), socket)
			require.NoError(t, manager.Process.Kill())
			assert.Error(t, manager.Wait())
			assert.Eventually(t, func() bool { return !listens() }, 10*time.Second, 50*time.Millisecond, "the plugin is still there")
		})
	}
}
