package sample

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
)

// Call is a kind of request: an action as IAM policies name it, the account that asked and the region it asked. The last two are
// empty when the request did not say.
type Call struct {
	Action, Account, Region string
}

// Calls counts requests.
type Calls struct {
	counts    map[Call]int
	throttled map[Call]int
}

// Total counts all of them.
func (c Calls) Total() int {
	total := 0
	for _, n := range c.counts {
		total += n
	}
	return total
}

// Of counts those of an action, as in cloudtrail:DescribeTrails or logs:*.
func (c Calls) Of(action string) int {
	total := 0
	for call, n := range c.counts {
		if match(action, call.Action) {
			total += n
		}
	}
	return total
}

// Throttled counts those of an action that were refused because there were too many, by a quota or by a fault. Of counts them too.
func (c Calls) Throttled(action string) int {
	return Calls{counts: c.throttled}.Of(action)
}

// In leaves only those of an account and region. Both are globs, and an empty one matches everything.
func (c Calls) In(account, region string) Calls {
	only := func(counts map[Call]int) map[Call]int {
		chosen := make(map[Call]int)
		for call, n := range counts {
			if match(account, call.Account) && match(region, call.Region) {
				chosen[call] = n
			}
		}
		return chosen
	}
	return Calls{only(c.counts), only(c.throttled)}
}

// ByCall is the count of every kind of request.
func (c Calls) ByCall() map[Call]int {
	return maps.Clone(c.counts)
}

// String lists the actions and how often each was called, one to a line and sorted.
func (c Calls) String() string {
	byAction := make(map[string]int)
	for call, n := range c.counts {
		byAction[call.Action] += n
	}
	var text strings.Builder
	for _, action := range slices.Sorted(maps.Keys(byAction)) {
		fmt.Fprintf(&text, "%s %d\n", action, byAction[action])
	}
	return text.String()
}

// callCounter counts requests as they come in.
type callCounter struct {
	mu        sync.Mutex
	counts    map[Call]int
	throttled map[Call]int
}

// add counts a request and returns how many of its kind there have been.
func (c *callCounter) add(call Call) int {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.counts == nil {
		c.counts = make(map[Call]int)
	}
	c.counts[call]++
	return c.counts[call]
}

// throttle counts a request that was refused because there were too many.
func (c *callCounter) throttle(call Call) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.throttled == nil {
		c.throttled = make(map[Call]int)
	}
	c.throttled[call]++
}

func (c *callCounter) snapshot() Calls {
	c.mu.Lock()
	defer c.mu.Unlock()
	return Calls{maps.Clone(c.counts), maps.Clone(c.throttled)}
}

func (c *callCounter) reset() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.counts, c.throttled = nil, nil
}
