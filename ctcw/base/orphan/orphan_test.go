package orphan

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
)

// That Watch notices a parent's end is tested where a parent can be killed: e2e.
func TestWatchGoesOnWhileTheParentLives(t *testing.T) {
	ctx, cancel := context.WithTimeout(context.Background(), 50*time.Millisecond)
	defer cancel()
	Watch(ctx, time.Millisecond)
	assert.Error(t, ctx.Err())
}
