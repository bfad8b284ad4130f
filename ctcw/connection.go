package ctcw

import (
	"context"
	"fmt"
	"reflect"
	"sync"

	"github.com/turbot/steampipe-plugin-sdk/v5/plugin"

	"github.com/ctcw/steampipe-plugin-ctcw/ctcw/aws/account"
	"github.com/ctcw/steampipe-plugin-ctcw/ctcw/scan"
)

// connection is a Steampipe connection as it was configured when it was opened.
type connection struct {
	*scan.Connection
	config connectionConfig
}

// connections keeps the connections that were opened, by name. One whose configuration has changed, or whose
// credentials, is opened anew.
type connections struct {
	mu   sync.Mutex
	open map[string]*connection
}

func (c *connections) get(ctx context.Context, of *plugin.Connection) (*connection, error) {
	config := configOf(of)
	c.mu.Lock()
	before := c.open[of.Name]
	c.mu.Unlock()
	stale := before != nil && !before.Current(ctx) // it reads files, for each query: not under the lock
	c.mu.Lock()
	defer c.mu.Unlock()
	known := c.open[of.Name]
	if known != nil && !(stale && known == before) && reflect.DeepEqual(known.config, config) {
		return known, nil
	}
	opened, err := openConnection(ctx, config)
	if err != nil {
		return nil, fmt.Errorf("connection %q: %w", of.Name, err)
	}
	c.open[of.Name] = opened
	return opened, nil
}

func openConnection(ctx context.Context, config connectionConfig) (*connection, error) {
	accountConfig, err := config.account()
	if err != nil {
		return nil, err
	}
	opened, err := account.Open(ctx, accountConfig)
	if err != nil {
		return nil, err
	}
	return &connection{Connection: &scan.Connection{Connection: opened, Exempt: config.Exempt}, config: config}, nil
}
