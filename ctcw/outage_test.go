package ctcw_test

import (
	"context"
	"maps"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/ctcw/steampipe-plugin-ctcw/ctcw/base/statement"
	"github.com/ctcw/steampipe-plugin-ctcw/ctcw/sample"
)

// TestOutages waits for many at once: it is time that passes, and no work. The tests have one plugin, in which each needs
// connections of its own.
func TestOutages(t *testing.T) {
	if testing.Short() {
		t.Skip("calls that hang")
	}
	cases := aRegionThatIsOut(t)
	maps.Copy(cases, anOutageThatIsOverSoon(t))
	maps.Copy(cases, queriesInAnOutage(t))
	var all sync.WaitGroup
	for name, test := range cases {
		all.Go(func() { t.Run(name, test) })
	}
	all.Wait()
}

// A region that answers nobody costs every account the same few seconds, not one after the other, and is asked again
// when all the others were.
func aRegionThatIsOut(t *testing.T) map[string]func(*testing.T) {
	const accounts = 200
	out := sample.Fault{Region: "eu-west-3", Kind: sample.Hang}
	serveTo := func(name string) *harness {
		org := company(accounts - 1)
		for _, a := range org.Accounts {
			a.Name = name + "-" + a.Name
		}
		return start(t, org, everyAccount)
	}
	toTheEnd, forAWhile, hurried := serveTo("end"), serveTo("while"), serveTo("first")
	columns := []string{"account_id", "arn", "delivery_status", "scan_error", "unscanned_regions"}
	return map[string]func(*testing.T){
		"to the end": func(t *testing.T) {
			h := toTheEnd
			h.endpoint.Inject(out)
			began := time.Now()
			rows := h.rows(request{columns: columns})
			t.Log(time.Since(began))
			assert.Less(t, time.Since(began), 50*time.Second, "one after the other would be minutes")
			require.Len(t, by(rows, "account_id"), accounts)
			for _, r := range rows {
				assert.Contains(t, r["scan_error"], "eu-west-3")
				assert.Contains(t, r["unscanned_regions"], "eu-west-3")
				assert.Contains(t, r["arn"], "trail/own", "other regions show it")
			}
		},
		"for a while": func(t *testing.T) {
			h := forAWhile
			mend := h.endpoint.Inject(out)
			go func() { // 64 are scanned at once; when others come, the region was given up
				for h.endpoint.Calls().Of(describeRegions) < 80 && t.Context().Err() == nil {
					time.Sleep(5 * time.Millisecond)
				}
				mend()
			}()
			rows := h.rows(request{columns: columns})
			require.Len(t, by(rows, "account_id"), accounts)
			for _, r := range rows {
				assert.Equal(t, "delivering", r["delivery_status"])
				assert.Nil(t, r["scan_error"])
				assert.Nil(t, r["unscanned_regions"])
			}
		},
		"and only the first rows are wanted": func(t *testing.T) {
			h := hurried
			h.endpoint.Inject(out)
			began := time.Now()
			assert.Len(t, h.rows(request{columns: columns, limit: 1}), 1)
			assert.Less(t, time.Since(began), 30*time.Second)
			assert.Less(t, h.endpoint.Calls().Of(assumeRole), accounts-1)
		},
	}
}

// What is over before the retries of a call would have ended costs no row its values.
func anOutageThatIsOverSoon(t *testing.T) map[string]func(*testing.T) {
	cases := map[string]func(*testing.T){}
	const lasts = 12 * time.Second
	hangs := func(_ http.ResponseWriter, r *http.Request) {
		<-r.Context().Done()
		panic(http.ErrAbortHandler)
	}
	closes := func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }
	for name, c := range map[string]struct {
		of  func(*http.Request) bool
		how func(http.ResponseWriter, *http.Request)
	}{
		"log groups":     {func(r *http.Request) bool { return isCall(r, "DescribeLogGroups") }, hangs},
		"statuses":       {func(r *http.Request) bool { return isCall(r, "GetTrailStatus") }, hangs},
		"closed at once": {func(r *http.Request) bool { return isCall(r, "DescribeTrails") && inRegion(r, "eu-west-3") }, closes},
		"regions":        {func(r *http.Request) bool { return strings.Contains(r.Header.Get("Authorization"), "/ec2/") }, hangs},
	} {
		const accounts = 100
		org := company(accounts - 1)
		for _, a := range org.Accounts {
			a.Trails[0].MultiRegion = false // no other region gives its status
		}
		var began atomic.Int64
		h := startBehind(t, "soon-"+strings.ReplaceAll(name, " ", "-"), org, func(w http.ResponseWriter, r *http.Request, serve func()) {
			if c.of(r) {
				began.CompareAndSwap(0, time.Now().UnixNano())
				if time.Since(time.Unix(0, began.Load())) < lasts {
					c.how(w, r)
				}
			}
			serve()
		}, everyAccount, `regions = ["eu-west-1", "eu-west-3"]`)
		cases["over soon: "+name] = func(t *testing.T) {
			rows := h.rows(request{columns: []string{"account_id", "delivery_status", "log_group_status", "scan_error", "unscanned_regions"}})
			assert.Len(t, rows, accounts)
			for _, r := range rows {
				assert.Equal(t, "delivering", r["delivery_status"])
				assert.Equal(t, "found", r["log_group_status"])
				assert.Nil(t, r["scan_error"])
			}
		}
	}
	return cases
}

func inRegion(r *http.Request, region string) bool {
	return strings.Contains(r.Header.Get("Authorization"), "/"+region+"/")
}

// queriesInAnOutage come one after the other.
func queriesInAnOutage(t *testing.T) map[string]func(*testing.T) {
	cases := map[string]func(*testing.T){}
	const accounts = 40
	serveTo := func(name, operation, region string, how func(http.ResponseWriter, *http.Request)) (*harness, *atomic.Bool) {
		var out atomic.Bool
		out.Store(true)
		return startBehind(t, name, company(accounts-1), func(w http.ResponseWriter, r *http.Request, serve func()) {
			if out.Load() && isCall(r, operation) && inRegion(r, region) {
				how(w, r)
				<-r.Context().Done()
				panic(http.ErrAbortHandler)
			}
			serve()
		}, everyAccount, `regions = ["eu-west-1", "eu-west-3"]`), &out
	}
	silence := func(http.ResponseWriter, *http.Request) {}
	columns := []string{"account_id", "delivery_status", "log_group_status", "scan_error"}

	next, out := serveTo("next", "DescribeLogGroups", "eu-west-1", silence)
	cases["the next one asks anew"] = func(t *testing.T) {
		for _, r := range next.rows(request{columns: columns}) {
			assert.Equal(t, "unknown", r["log_group_status"])
		}
		out.Store(false)
		for _, r := range next.rows(request{columns: columns}) {
			assert.Equal(t, "found", r["log_group_status"])
		}
	}
	lookups, _ := serveTo("lookups", "DescribeTrails", "eu-west-3", silence)
	cases["one that looks up accounts one by one does not ask for each"] = func(t *testing.T) {
		lookups.rows(request{columns: columns})
		ctx, _ := statement.With(context.Background())
		began := time.Now()
		for _, a := range lookups.org.Accounts[:10] {
			r := lookups.one(request{ctx: ctx, columns: columns, where: map[string][]string{"account_id": {a.ID}}})
			assert.Contains(t, r["scan_error"], "RegionUnreachable")
		}
		assert.Less(t, time.Since(began), 20*time.Second)
	}
	headers, _ := serveTo("headers", "DescribeTrails", "eu-west-3", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Length", "1000")
		w.WriteHeader(http.StatusOK)
		_ = http.NewResponseController(w).Flush()
	})
	cases["headers are no answer"] = func(t *testing.T) {
		for _, r := range headers.rows(request{columns: columns}) {
			assert.Contains(t, r["scan_error"], "RegionUnreachable")
		}
	}
	return cases
}
