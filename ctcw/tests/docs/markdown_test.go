package docs

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// block is a fenced block of a page.
type block struct {
	language string
	text     string
	heading  string // the nearest one above it
	line     int
}

func blocks(page string) []block {
	var (
		all     []block
		current *block
		heading string
	)
	for i, line := range strings.Split(page, "\n") {
		language, fence := strings.CutPrefix(line, "```")
		switch {
		case fence && current == nil:
			current = &block{language: language, heading: heading, line: i + 1}
		case fence:
			all = append(all, *current)
			current = nil
		case current != nil:
			current.text += line + "\n"
		case strings.HasPrefix(line, "#"):
			heading = strings.TrimSpace(strings.TrimLeft(line, "#"))
		}
	}
	return all
}

// language returns the blocks of one of the languages.
func language(all []block, names ...string) []block {
	var some []block
	for _, b := range all {
		for _, name := range names {
			if b.language == name {
				some = append(some, b)
			}
		}
	}
	return some
}

var everyPage = []string{"README.md", "CONTRIBUTING.md", "SECURITY.md", "docs/*.md", "docs/tables/*.md", "ctcw/mod/docs/*.md"}

func TestLinksLeadSomewhere(t *testing.T) {
	link := regexp.MustCompile(`\]\(([^)\s]+)\)`)
	for _, page := range pages(t, everyPage...) {
		text := read(t, page)
		for _, m := range link.FindAllStringSubmatch(text, -1) {
			target, anchor, _ := strings.Cut(m[1], "#")
			switch {
			case strings.HasPrefix(target, "https://"), strings.HasPrefix(target, "/plugins/"): // the Hub's own
			case target == "":
				assert.Contains(t, strings.ToLower(strings.ReplaceAll(text, " ", "-")), "#-"+anchor+"\n", "%s: no heading #%s", page, anchor)
			default:
				_, err := os.Stat(filepath.Join(root, filepath.Dir(page), target))
				assert.NoError(t, err, page)
			}
		}
	}
}

func TestFrontMatterIsWhatTheHubAsksFor(t *testing.T) {
	front := func(page string) map[string]string {
		parts := strings.SplitN(read(t, page), "---\n", 3)
		require.Len(t, parts, 3, page)
		require.Empty(t, parts[0], page)
		fields := map[string]string{}
		for _, line := range strings.Split(strings.TrimSpace(parts[1]), "\n") {
			name, value, ok := strings.Cut(line, ": ")
			require.True(t, ok, line)
			fields[name] = value
		}
		return fields
	}
	index := front(indexPage)
	for _, name := range []string{"organization", "category", "icon_url", "brand_color", "display_name", "short_name", "description", "og_description", "og_image", "engines"} {
		assert.NotEmpty(t, index[name], name)
	}
	assert.Equal(t, `"ctcw"`, index["short_name"])
	assert.Equal(t, `["steampipe", "sqlite", "postgres", "export"]`, index["engines"])
	for name := range tables() {
		page := front(pageOf(name))
		assert.Regexp(t, `^"Steampipe Table: `+name+` - Query .* using SQL"$`, page["title"])
		assert.Regexp(t, `^"Allows users to query .*"$`, page["description"])
		assert.Contains(t, read(t, pageOf(name)), "\n# Table: "+strings.TrimPrefix(strings.Trim(page["title"], `"`), "Steampipe Table: ")+"\n")
	}
}
