package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"time"
)

// release measures the release binary, started and asked as Steampipe does it.
func release(t *table, binary string) error {
	const runs = 5
	t.section("d. The release binary, as Steampipe starts it")
	file, err := os.Stat(binary)
	if err != nil {
		return err
	}
	e, err := startEndpoint(organization{Accounts: 1, Trails: 1})
	if err != nil {
		return err
	}
	defer e.stop()
	var starts []time.Duration
	for range runs {
		took, err := coldStart(binary, e)
		if err != nil {
			return err
		}
		starts = append(starts, took)
	}
	resting, err := atRest(binary, e)
	if err != nil {
		return err
	}
	t.atMost("size", " MiB", float64(file.Size())/(1<<20), 50)
	t.atMost("start to first row, no latency", " s", median(starts).Seconds(), 1)
	t.atMost("memory at rest, a second after the start", " MiB", resting, 80)
	return nil
}

// coldStart returns the time from starting the binary to the first row.
func coldStart(binary string, e *endpoint) (time.Duration, error) {
	start := time.Now()
	p, err := startPlugin(binary, e.connection(false))
	if err != nil {
		return 0, err
	}
	defer p.kill()
	stream, _, cancel, err := p.Execute(execute([]string{"account_id", "arn", "delivery_status", "retention_in_days"}, -1))
	if err != nil {
		return 0, err
	}
	defer cancel()
	first, err := stream.Recv()
	took := time.Since(start)
	if err != nil {
		return 0, err
	}
	if got := first.GetRow().GetColumns()["delivery_status"].GetStringValue(); got != "delivering" {
		return 0, fmt.Errorf("the plugin says %q of a trail that delivers", got)
	}
	for err == nil {
		_, err = stream.Recv()
	}
	if !errors.Is(err, io.EOF) {
		return 0, err
	}
	return took, nil
}
