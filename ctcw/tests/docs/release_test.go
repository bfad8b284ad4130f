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

// TestGoReleaserIsPinned: what builds the release is part of it.
func TestGoReleaserIsPinned(t *testing.T) {
	version := regexp.MustCompile(`goreleaser/goreleaser-action@.*\n\s+with:\n\s+version: (\S+)`)
	var found []string
	for _, page := range pages(t, ".github/workflows/*.yml") {
		for _, m := range version.FindAllStringSubmatch(read(t, page), -1) {
			found = append(found, m[1])
			assert.Regexp(t, `^v\d+\.\d+\.\d+$`, m[1], page)
		}
	}
	require.Len(t, found, 2)
	assert.Equal(t, found[0], found[1], "the version that checks the configuration is the one that releases")
}

// TestTheReleaseSaysWhereItComesFrom: provenance for the files and the image, and a signature of what was pushed.
func TestTheReleaseSaysWhereItComesFrom(t *testing.T) {
	release := read(t, ".github/workflows/release.yml")
	for _, permission := range []string{"id-token: write", "attestations: write"} {
		assert.Contains(t, release, "\n      "+permission)
	}
	assert.Equal(t, 2, strings.Count(release, "uses: actions/attest-build-provenance@"))
	sums := regexp.MustCompile(`(?m)^  name_template: "\{\{ \.ProjectName \}\}_\{\{ \.Version \}\}_(\w+)"$`).FindStringSubmatch(read(t, ".goreleaser.yml"))
	require.NotNil(t, sums)
	at := -1
	for _, step := range []string{
		"uses: sigstore/cosign-installer@", "args: release --clean", "subject-checksums: dist/steampipe-plugin-ctcw_${{ env.VERSION }}_" + sums[1] + "\n",
		"oras push ", `"DIGEST=$(oras resolve "$IMAGE:$VERSION")"`, `cosign sign --yes "$IMAGE@$DIGEST"`, "subject-digest: ${{ env.DIGEST }}\n", "push-to-registry: true",
	} {
		next := strings.Index(release, step)
		assert.Greater(t, next, at, "%s is missing, or too early", step)
		at = next
	}
	for _, how := range []string{"gh attestation verify ", "cosign verify ", "/.github/workflows/release.yml@refs/tags/v"} {
		assert.Contains(t, read(t, "SECURITY.md"), how)
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
