//go:build !race

package ctcw_test

import (
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/turbot/steampipe-plugin-sdk/v5/grpc/proto"

	"github.com/ctcw/steampipe-plugin-ctcw/ctcw/sample"
)

// Steampipe hands over changed connections while queries run. Each query sees one configuration or the
// other, never half of each.
//
// Not under the race detector: the SDK writes plugin.Connection.Config in place, without a lock that a plugin
// could take too, and the plugin has to read it. What it reads is the one or the other all the same, as both
// are values of one type behind a pointer.
func TestConfigurationChangesWhileQueriesRun(t *testing.T) {
	org := organization()
	other := account("222222222222", "other")
	other.Trails = []*sample.Trail{{Name: "bare", HomeRegion: "us-east-1", Status: sample.Healthy(now)}}
	org.Accounts = append(org.Accounts, other)
	h := start(t, org)
	check := h.leavesNothing()
	// Both are trail and account of one configuration.
	want := map[string]string{"111111111111": "delivering", "222222222222": "not_configured"}

	stop := make(chan struct{})
	var changes, queries sync.WaitGroup
	changes.Go(func() {
		for i := 0; ; i++ {
			select {
			case <-stop:
				return
			default:
			}
			_, err := h.plugin.UpdateConnectionConfigs(&proto.UpdateConnectionConfigsRequest{
				Changed: []*proto.ConnectionConfig{{Connection: "main", Config: h.config(org.Accounts[i%2])}},
			})
			assert.NoError(t, err)
			time.Sleep(time.Millisecond)
		}
	})
	seen := sync.Map{}
	for range 4 {
		queries.Go(func() {
			for range 20 {
				rows, err := h.execute(request{connections: []string{"main"}, columns: h.verdictColumns()})
				if !assert.NoError(t, err) || !assert.Len(t, rows, 1) {
					return
				}
				id := rows[0]["account_id"].(string)
				seen.Store(id, true)
				assert.Equal(t, want[id], rows[0]["delivery_status"])
			}
		})
	}
	queries.Wait()
	close(stop)
	changes.Wait()
	for id := range want {
		_, ok := seen.Load(id)
		assert.True(t, ok, "no query saw the configuration of %s", id)
	}
	check()
}
