package scan

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/assert"
)

func TestMemoAsksOnceForAllThatWaitAndComeLater(t *testing.T) {
	var m memo[int]
	var asked atomic.Int32
	ask := func(context.Context) (int, error) { asked.Add(1); return 7, errors.New("as it was") }
	var wg sync.WaitGroup
	for range 20 {
		wg.Go(func() {
			v, err := m.get(t.Context(), "k", ask)
			assert.Equal(t, 7, v)
			assert.EqualError(t, err, "as it was")
		})
	}
	wg.Wait()
	assert.EqualValues(t, 1, asked.Load())
}

func TestMemoForgetsWhatWasGivenUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var m memo[string]
		ended := make(chan error, 1)
		first, cancel := context.WithCancel(t.Context())
		go func() {
			_, err := m.get(first, "k", func(ctx context.Context) (string, error) { <-ctx.Done(); ended <- ctx.Err(); return "", ctx.Err() })
			assert.ErrorIs(t, err, context.Canceled)
		}()
		synctest.Wait()
		cancel()
		assert.ErrorIs(t, <-ended, context.Canceled, "nobody waits: it is given up")
		synctest.Wait()
		v, err := m.get(t.Context(), "k", func(context.Context) (string, error) { return "asked anew", nil })
		assert.NoError(t, err)
		assert.Equal(t, "asked anew", v)
	})
}

func TestMemoGoesOnWhileAnyoneWaits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var m memo[string]
		answer := make(chan string)
		ask := func(ctx context.Context) (string, error) {
			select {
			case v := <-answer:
				return v, nil
			case <-ctx.Done():
				return "", ctx.Err()
			}
		}
		first, cancel := context.WithCancel(t.Context())
		go func() {
			_, err := m.get(first, "k", ask)
			assert.ErrorIs(t, err, context.Canceled)
		}()
		got := make(chan string)
		go func() {
			v, err := m.get(t.Context(), "k", ask)
			assert.NoError(t, err)
			got <- v
		}()
		synctest.Wait()
		cancel()
		synctest.Wait()
		answer <- "for who still waits"
		assert.Equal(t, "for who still waits", <-got)
	})
}
