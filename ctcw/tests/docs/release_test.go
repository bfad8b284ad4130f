package docs

import (
	"fmt"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestActionsArePinned: a tag of an action can be moved, a commit cannot.
func TestActionsArePinned(t *testing.T) {
	uses := regexp.MustCompile(`(?m)^\s*(?:- )?uses: (.*)$`)
	for _, page := range pages(t, ".github/workflows/*.yml") {
		found := uses.FindAllStringSubmatch(read(t, page), -1)
		assert.NotEmpty(t, found, page)
		for _, m := range found {
			assert.Regexp(t, `^[\w-]+/[\w/-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$`, m[1], page)
		}
	}
}

// TestTheReleaseHasWhatSteampipeInstalls: one file for each platform, named as the image's layers are.
func TestTheReleaseHasWhatSteampipeInstalls(t *testing.T) {
	release, goreleaser, cross := read(t, ".github/workflows/release.yml"), read(t, ".goreleaser.yml"), read(t, ".ci/cross")
	assert.Contains(t, goreleaser, "CGO_ENABLED=0")
	assert.Contains(t, goreleaser, `binary: "{{ .ProjectName }}.plugin"`)
	assert.Contains(t, goreleaser, "-X main.version={{ .Version }}")
	platforms := 0
	for _, system := range []string{"linux", "darwin"} {
		for _, architecture := range []string{"amd64", "arm64"} {
			platforms++
			assert.Contains(t, cross, system+"/"+architecture)
			layer := fmt.Sprintf("steampipe-plugin-ctcw_%s_%s.gz:application/vnd.turbot.steampipe.plugin.%s-%s.layer.v1+gzip", system, architecture, system, architecture)
			assert.Contains(t, release, layer)
		}
	}
	assert.Equal(t, platforms, strings.Count(release, ".layer.v1+gzip"))
	for _, list := range []string{"goos", "goarch"} {
		m := regexp.MustCompile(`(?m)^    ` + list + `: \[(.*)\]$`).FindStringSubmatch(goreleaser)
		require.NotNil(t, m, list)
		assert.Len(t, strings.Split(m[1], ", "), 2)
	}
}
