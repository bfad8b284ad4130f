package account

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"golang.org/x/sync/semaphore"

	"github.com/ctcw/steampipe-plugin-ctcw/ctcw/aws/awserr"
)

func TestCallsThatAreRefusedForEverEndAndHoldUpNobody(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := &cloud{busy: "eu-west-3", pause: 20 * time.Millisecond}
		connection, ask := connect(c)
		connection.limits.slots = semaphore.NewWeighted(1)
		began := time.Now()
		failed := make(chan error)
		for range 20 {
			go func() { failed <- ask(t.Context(), "1", "eu-west-3") }()
		}
		time.Sleep(5 * time.Second)
		for range 100 {
			asked := time.Now()
			assert.NoError(t, ask(t.Context(), "1", "us-east-1"))
			assert.Less(t, time.Since(asked), time.Second)
		}
		for range 20 {
			assert.Equal(t, "ThrottlingException", awserr.Code(<-failed), "what AWS said, not that time was up")
		}
		assert.Less(t, time.Since(began), callTimeout+paceStuck)
	})
}

func TestACallMayWaitLongForASlot(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		connection, ask := connect(&cloud{})
		slots := semaphore.NewWeighted(1)
		connection.limits.slots = slots
		assert.True(t, slots.TryAcquire(1))
		time.AfterFunc(time.Hour, func() { slots.Release(1) })
		assert.NoError(t, ask(t.Context(), "1", "us-east-1"))
	})
}
