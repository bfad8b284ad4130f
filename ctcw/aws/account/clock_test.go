package account

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
)

func TestTheClockGoesByMostAnswers(t *testing.T) {
	now := readClock()
	for name, c := range map[string]struct {
		ahead []time.Duration // of the answers
		want  time.Duration
	}{
		"none":                     {nil, 0},
		"one":                      {[]time.Duration{time.Hour}, time.Hour},
		"of two the later":         {[]time.Duration{time.Hour, -time.Hour}, time.Hour},
		"one goes back":            {[]time.Duration{0, 0, -60 * time.Hour}, 0},
		"one goes ahead":           {[]time.Duration{time.Hour, 60 * time.Hour, time.Hour}, time.Hour},
		"what was long ago is not": {append(make([]time.Duration, maxDated), repeat(maxDated, time.Hour)...), time.Hour},
		"most of the latest":       {append(repeat(8, time.Hour), repeat(7, 0)...), time.Hour},
	} {
		var k clock
		for _, ahead := range c.ahead {
			k.learn(now, now.shows.Add(ahead))
		}
		assert.Equal(t, now.shows.Add(c.want), k.at(now), name)
		assert.LessOrEqual(t, len(k.answers), maxDated)
	}
}

func repeat(n int, d time.Duration) []time.Duration {
	all := make([]time.Duration, n)
	for i := range all {
		all[i] = d
	}
	return all
}

func TestTheClockForgetsWhatItReadBeforeThisMachinesClockWasSet(t *testing.T) {
	before := readClock()
	later := func(shows, ran time.Duration) reading { return reading{before.shows.Add(shows), before.ran + ran} }
	for _, same := range []reading{before, later(time.Hour, time.Hour), later(time.Hour+maxStep, time.Hour), later(time.Hour, time.Hour+maxStep)} {
		assert.False(t, stepped(before, same))
	}
	set := later(time.Hour, time.Second)
	for _, other := range []reading{set, later(-time.Hour, time.Second), later(maxStep+time.Second, 0), later(0, maxStep+time.Second)} {
		assert.True(t, stepped(before, other))
	}

	var k clock
	k.learn(before, before.shows.Add(time.Hour)) // an hour slow
	assert.Equal(t, before.shows.Add(time.Hour), k.at(before))
	assert.Equal(t, set.shows, k.at(set), "now it is right, as far as is known")
	k.learn(set, before.shows)
	assert.Equal(t, before.shows, k.at(set))
}
