package cli

import (
	"slices"
	"strings"
	"testing"

	"github.com/spf13/pflag"
	"github.com/stretchr/testify/assert"
)

// TestAFlagIsCompletedInEveryCommand that has it: what one command offers, the next one must not forget.
func TestAFlagIsCompletedInEveryCommand(t *testing.T) {
	offers := map[string]string{"control": "cis_v200\t", "var": "min_retention_days=\t", "output": "json"}
	seen := map[string]int{}
	for _, cmd := range newRoot("dev").Commands() {
		cmd.Flags().VisitAll(func(f *pflag.Flag) {
			want, ok := offers[f.Name]
			if !ok {
				return
			}
			seen[f.Name]++
			complete, ok := cmd.GetFlagCompletionFunc(f.Name)
			if assert.True(t, ok, "%s --%s", cmd.Name(), f.Name) {
				offered, _ := complete(cmd, nil, "")
				assert.True(t, slices.ContainsFunc(offered, func(s string) bool { return strings.HasPrefix(s, want) }), "%s --%s: %q", cmd.Name(), f.Name, offered)
			}
		})
	}
	assert.Equal(t, map[string]int{"control": 2, "var": 3, "output": 3}, seen)
}
