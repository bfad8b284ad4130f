package trail

import (
	"context"
	"errors"
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestWhichRegionIsAskedAboutATrail(t *testing.T) {
	var (
		denied = errors.New("denied")
		others = []string{"ap-south-1", "us-east-1"}
	)
	for name, c := range map[string]struct {
		home    string
		seenIn  []string
		failed  map[string]error
		answers map[string]bool
		asked   []string
		answer  string
		err     string
	}{
		"home answers":                    {home, append([]string{home}, others...), nil, map[string]bool{home: true}, []string{home}, home, ""},
		"home fails":                      {home, append([]string{home}, others...), nil, map[string]bool{"ap-south-1": true}, []string{home, "ap-south-1"}, "ap-south-1", ""},
		"both fail":                       {home, append([]string{home}, others...), nil, nil, []string{home, "ap-south-1"}, "", home},
		"home could not be listed":        {home, others, map[string]error{home: denied}, map[string]bool{"ap-south-1": true}, []string{"ap-south-1"}, "ap-south-1", ""},
		"another could not be listed":     {home, others, map[string]error{"us-east-1": denied}, map[string]bool{home: true}, []string{home}, home, ""},
		"home is not known":               {"", others, nil, map[string]bool{"ap-south-1": true}, []string{"ap-south-1"}, "ap-south-1", ""},
		"home fails, and no other has it": {home, []string{home}, map[string]error{home: denied}, nil, []string{home}, "", home},
	} {
		t.Run(name, func(t *testing.T) {
			var asked []string
			answer, err := InRegions(context.Background(), Trail{HomeRegion: c.home, SeenIn: c.seenIn}, c.failed, func(region string) (string, error) {
				asked = append(asked, region)
				if !c.answers[region] {
					return "", errors.New(region)
				}
				return region, nil
			})
			assert.Equal(t, c.asked, asked)
			assert.Equal(t, c.answer, answer)
			if c.err == "" {
				assert.NoError(t, err)
				return
			}
			assert.EqualError(t, err, c.err, "of the first that was asked")
		})
	}
}

// A query that was cancelled is not to go on asking, and says what it was told.
func TestACancelledQueryAsksNoOtherRegion(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	asked := 0
	_, err := InRegions(ctx, Trail{HomeRegion: home, SeenIn: []string{home, "us-east-1"}}, nil, func(string) (any, error) {
		asked++
		cancel()
		return nil, ctx.Err()
	})
	assert.ErrorIs(t, err, context.Canceled)
	assert.Equal(t, 1, asked)
}
