package account

import (
	"math"
	"time"
)

// tempo finds how many calls a second AWS accepts, from what it answers and what it refuses.
//
// AWS counts with token buckets: it accepts so many a second and refuses what comes on top. So what it accepted is the pace
// to keep, and to go a little faster now and then finds out whether it accepts more. There are refusals that no pace makes
// fewer: somebody else uses up the quota, or a proxy sheds load. To slow down for them again and again would be to come to
// a halt, so the share that is left after slowing down is taken for normal.
type tempo struct {
	rate   float64 // calls a second; infinite until it is known that there is a limit
	epoch  int     // how often the rate changed: answers to what was sent before say nothing of it
	sprint bool    // no limit was met but the one at the start, when the rate was guessed

	// The window, which goes from one answer to another, all to what was sent at this rate.
	began, latest    time.Time
	answers, refused int

	normal float64 // share of calls that are refused at any pace

	cut       bool    // this window is the first since the rate was cut. In the one before
	fastShare float64 // this share was refused,
	fastSpeed float64 // of so many calls a second
}

const (
	guessedRate = 10   // the lowest of the quotas that AWS publishes are 5 to 10
	leastRate   = 1    // below, finding out that more is accepted would take too long
	mostRate    = 1000 // above, it is the latency that limits

	windowTime    = 500 * time.Millisecond
	windowAnswers = 10
	slowWindow    = 3 * time.Second // long enough with fewer answers; so long without any ends a window

	floodAnswers = 20  // of which
	flood        = 0.9 // refused says that the rate is far too high, before the window's time is over

	littlest = 0.05 // share refused that is nothing to slow down for
	mostly   = 0.8  // share refused that is always too much
)

func newTempo() tempo { return tempo{rate: math.Inf(1), sprint: true} }

func (t *tempo) unlimited() bool { return math.IsInf(t.rate, 1) }

// hear takes the answer to a call that was sent in an epoch, and reports whether the rate may have changed.
func (t *tempo) hear(now time.Time, epoch int, refused bool) bool {
	if epoch != t.epoch {
		return false
	}
	if t.began.IsZero() || now.Sub(t.latest) > slowWindow {
		t.began, t.latest, t.answers, t.refused = now, now, 0, 0
		return false
	}
	t.latest = now
	t.answers++
	if refused {
		t.refused++
	}
	elapsed := now.Sub(t.began)
	share := float64(t.refused) / float64(t.answers)
	switch {
	case t.answers >= windowAnswers && elapsed >= windowTime, t.answers > 2 && elapsed > slowWindow:
		t.judge(elapsed, share)
	case t.answers >= floodAnswers && t.unlimited() && share >= flood:
		t.judge(windowTime, share)
		t.rate, t.sprint = max(t.rate, guessedRate), true
	default:
		return false
	}
	return true
}

// judge sets the rate by what the window has shown.
func (t *tempo) judge(elapsed time.Duration, share float64) {
	speed := float64(t.answers) / elapsed.Seconds()
	if t.cut && speed < 0.95*t.fastSpeed {
		t.normal = 0
		if share >= 0.75*t.fastShare {
			t.normal = share
		}
	}
	t.epoch++
	t.began = time.Time{}
	if share <= min(1.3*t.normal+littlest, mostly) {
		t.faster()
		return
	}
	if accepted := speed * (1 - share); accepted > 0 {
		t.rate = min(t.rate, accepted)
	} else {
		t.rate = min(t.rate, speed) / 2 // how far to go down was not measured
	}
	t.rate = max(t.rate, leastRate)
	t.cut, t.fastShare, t.fastSpeed, t.sprint = true, share, speed, false
}

func (t *tempo) faster() {
	switch {
	case t.sprint:
		t.rate *= 2
	case t.normal > 0:
		t.rate *= 1.5
	case t.cut:
		t.rate *= 1.1 // the limit is near
	default:
		t.rate *= 1.25
	}
	t.cut = false
	if t.rate > mostRate {
		t.rate = math.Inf(1)
	}
}
