package account

import (
	"container/list"
	"context"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
)

// paceKey is what AWS has a quota for.
type paceKey struct{ account, service, region, operation string }

// paces are those of the keys that AWS has refused something for. The others, nearly all, are as fast as they can be and
// take no memory.
type paces struct {
	mu    sync.RWMutex
	all   map[paceKey]*pace
	sweep int // how many there are before those that nobody uses are dropped
}

const (
	fewPaces = 1024 // not worth sweeping
	paceIdle = 30 * time.Second
)

// of returns the pace of a key, nil if it has none.
func (s *paces) of(key paceKey) *pace {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return s.all[key]
}

// wait returns when it is a call's turn, and the epoch to report its answer with.
func (s *paces) wait(ctx context.Context, key paceKey, b *budget) (epoch int, err error) {
	if p := s.of(key); p != nil {
		return p.wait(ctx, b)
	}
	return 0, nil
}

// report takes AWS's answer.
func (s *paces) report(key paceKey, epoch int, refused bool) {
	p := s.of(key)
	if p == nil && refused {
		p = s.begin(key)
	}
	if p != nil && p.report(epoch, refused) {
		s.mu.Lock()
		defer s.mu.Unlock()
		if s.all[key] == p {
			delete(s.all, key)
		}
	}
}

func (s *paces) begin(key paceKey) *pace {
	s.mu.Lock()
	defer s.mu.Unlock()
	if p := s.all[key]; p != nil {
		return p
	}
	if s.all == nil {
		s.all = map[paceKey]*pace{}
	}
	if len(s.all) >= max(s.sweep, fewPaces) {
		for key, p := range s.all {
			if p.idle() {
				delete(s.all, key)
			}
		}
		s.sweep = 2 * len(s.all)
	}
	p := &pace{tempo: newTempo(), used: time.Now()}
	s.all[key] = p
	return p
}

// pace lets the calls of one key start at its tempo, in the order in which they came.
type pace struct {
	mu       sync.Mutex
	tempo    tempo
	next     time.Time // when the next call may start
	queue    list.List // of *turn
	timer    *time.Timer
	accepted time.Time // when AWS last accepted a call
	used     time.Time
}

// turn is that of a call that waits.
type turn struct {
	ready chan struct{}
	epoch int // set before ready is closed
}

const (
	// paceSlack is how much time is caught up with that timers come late.
	paceSlack = 20 * time.Millisecond
	// paceStuck is how long AWS accepts nothing before waiting for it counts against the time of a call.
	paceStuck = 5 * time.Second
)

func (p *pace) wait(ctx context.Context, b *budget) (int, error) {
	p.mu.Lock()
	p.used = time.Now()
	w := &turn{ready: make(chan struct{})}
	place := p.queue.PushBack(w)
	p.admit()
	p.mu.Unlock()
	select {
	case <-w.ready:
		return w.epoch, nil
	default:
	}
	defer b.run()
	look := time.NewTicker(time.Second)
	defer look.Stop()
	for {
		if p.stuck() {
			b.run()
		} else {
			b.stop()
		}
		select {
		case <-w.ready:
			return w.epoch, nil
		case <-look.C:
		case <-ctx.Done():
			p.mu.Lock()
			defer p.mu.Unlock()
			p.queue.Remove(place) // which does nothing if it has just been admitted
			return 0, &aws.RequestCanceledError{Err: ctx.Err()}
		}
	}
}

// admit lets those start whose turn it is, and sees to it that the others will. The lock is held.
func (p *pace) admit() {
	for p.queue.Len() > 0 {
		now := time.Now()
		if early := p.next.Sub(now); early > 0 {
			if p.timer == nil {
				p.timer = time.AfterFunc(early, p.admitLater)
			} else {
				p.timer.Reset(early)
			}
			return
		}
		w := p.queue.Remove(p.queue.Front()).(*turn)
		w.epoch = p.tempo.epoch
		close(w.ready)
		if !p.tempo.unlimited() {
			if earliest := now.Add(-paceSlack); p.next.Before(earliest) {
				p.next = earliest
			}
			p.next = p.next.Add(p.interval())
		}
	}
}

func (p *pace) admitLater() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.admit()
}

func (p *pace) interval() time.Duration { return time.Duration(float64(time.Second) / p.tempo.rate) }

// report takes an answer, and reports whether the pace is no longer needed.
func (p *pace) report(epoch int, refused bool) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	now := time.Now()
	p.used = now
	if !refused {
		p.accepted = now
	}
	if !p.tempo.hear(now, epoch, refused) {
		return false
	}
	if soonest := now.Add(p.interval()); p.next.After(soonest) { // as it was at a slower rate
		p.next = soonest
	}
	p.admit()
	return p.tempo.unlimited()
}

func (p *pace) stuck() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return time.Since(p.accepted) > paceStuck
}

func (p *pace) idle() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.queue.Len() == 0 && time.Since(p.used) > paceIdle
}
