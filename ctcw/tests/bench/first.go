package main

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"slices"
	"time"
)

// ofTrail are the columns that DescribeTrails answers.
var ofTrail = []string{"account_id", "account_name", "arn", "name", "region", "home_region", "log_group_arn", "is_multi_region_trail",
	"is_organization_trail", "s3_bucket_name", "kms_key_id", "unscanned_regions", "scan_error"}

// settle is how long the plugin may go on after the end, with calls that count all the same.
const settle = 500 * time.Millisecond

// firstRow measures how long a query with a limit takes for its row, which is not to depend on how large the organization
// is. The release binary is asked as Steampipe asks it.
func firstRow(t *table, binary string) error {
	const (
		latency   = 50 * time.Millisecond
		mostTrips = 10
	)
	t.section(fmt.Sprintf("i. The first row of an organization: limit 1, %s", milliseconds(latency)))
	for _, accounts := range []int{100, 1000, 10_000} {
		e, err := startEndpoint(organization{Accounts: accounts, Trails: 1, Latency: latency})
		if err != nil {
			return err
		}
		defer e.stop()
		for _, q := range []struct {
			what    string
			columns []string // all, where none is named
		}{{"what DescribeTrails says", ofTrail}, {"*", nil}} {
			first, err := askSome(binary, e, q.columns)
			if err != nil {
				return err
			}
			n := fmt.Sprintf("%d accounts, %s: ", accounts, q.what)
			t.count(n+"rows", fmt.Sprint(first.rows), "1", first.rows == 1)
			t.atMost(n+"time to the first row, in round trips", "", ratio(first.after, latency), mostTrips)
			t.report(n+"time to the end, and all calls", fmt.Sprintf("%s, %d", milliseconds(first.end), first.calls.total()))
		}
	}
	return nil
}

// first is what came of a query with limit 1.
type first struct {
	after, end time.Duration // from the query to the first row, and to the end of the stream
	rows       int
	calls      calls
}

// askSome asks a few times and returns the median: half a second is soon lost to other work on the machine. What takes
// much longer than it may is asked once.
func askSome(binary string, e *endpoint, columns []string) (first, error) {
	const (
		runs    = 3
		tooLong = 3 * time.Second
	)
	var all []first
	for range runs {
		f, err := askOne(binary, e, columns)
		if err != nil {
			return f, err
		}
		if all = append(all, f); f.after > tooLong {
			break
		}
	}
	slices.SortFunc(all, func(a, b first) int { return cmp.Compare(a.after, b.after) })
	return all[len(all)/2], nil
}

// askOne asks a plugin that is just started for one row.
func askOne(binary string, e *endpoint, columns []string) (f first, err error) {
	if err := e.reset(trouble{}); err != nil {
		return f, err
	}
	p, err := startPlugin(binary, e.connection(true))
	if err != nil {
		return f, err
	}
	defer p.kill()
	if columns == nil {
		for _, c := range p.schema[firstTable].GetColumns() {
			columns = append(columns, c.GetName())
		}
		slices.Sort(columns)
	}
	start := time.Now()
	stream, _, cancel, err := p.Execute(execute(columns, 1))
	if err != nil {
		return f, err
	}
	defer cancel()
	for {
		_, err := stream.Recv()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return f, err
		}
		if f.rows == 0 {
			f.after = time.Since(start)
		}
		f.rows++
	}
	f.end = time.Since(start)
	time.Sleep(settle)
	c, err := e.counted()
	f.calls = c.Calls
	return f, err
}
