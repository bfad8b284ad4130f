package event_test

import (
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/ctcw/steampipe-plugin-ctcw/ctcw/verdict/event"
	"github.com/ctcw/steampipe-plugin-ctcw/ctcw/verdict/pattern"
)

// publication is a line of testdata/published.tsv.
type publication struct {
	class   *event.Class
	by      string // versions of CIS, or who else
	verdict string // sound, wide, misprint
	pattern string
}

func published(t *testing.T) []publication {
	t.Helper()
	text, err := os.ReadFile("testdata/published.tsv")
	require.NoError(t, err)
	var all []publication
	for line := range strings.Lines(string(text)) {
		line = strings.TrimSuffix(line, "\n")
		if strings.HasPrefix(line, "#") {
			continue
		}
		parts := strings.Split(line, "\t")
		require.Len(t, parts, 4, line)
		c := event.ByName(parts[0])
		require.NotNil(t, c, line)
		all = append(all, publication{c, parts[1], parts[2], parts[3]})
	}
	return all
}

// missed returns the names of the witnesses with these demands that the pattern does not match.
func missed(t *testing.T, text string, c *event.Class, demands ...event.Demand) []string {
	t.Helper()
	p, err := pattern.Parse(text)
	require.NoError(t, err, text)
	wanted, names := c.Names(demands...), []string{}
	for _, name := range wanted {
		for _, w := range c.Witnesses {
			if w.Name == name && !p.Matches(parsed(t, w)) {
				names = append(names, name)
				break
			}
		}
	}
	return names
}

func parsed(t *testing.T, w event.Witness) pattern.Event {
	t.Helper()
	e, err := pattern.ParseEvent(w.JSON)
	require.NoError(t, err, w.Name)
	return e
}

// matched returns the everyday events that the pattern matches.
func matched(t *testing.T, text string) []string {
	t.Helper()
	p, err := pattern.Parse(text)
	require.NoError(t, err, text)
	names := []string{}
	for _, w := range event.Everyday() {
		if p.Matches(parsed(t, w)) {
			names = append(names, w.Name)
		}
	}
	return names
}

// TestEveryVersionIsThere: a pattern of each version for each item that it has, sound or not.
func TestEveryVersionIsThere(t *testing.T) {
	for _, c := range event.Classes() {
		for version := range c.Items {
			found := false
			for _, p := range published(t) {
				found = found || p.class == c && strings.Contains(p.by, version)
			}
			assert.True(t, found, "%s in %s", c.Name, version)
		}
	}
}

func TestSoundPatternsMatchEveryWitness(t *testing.T) {
	for _, p := range published(t) {
		if p.verdict != "sound" {
			continue
		}
		t.Run(p.class.Name+" by "+p.by, func(t *testing.T) {
			assert.Empty(t, missed(t, p.pattern, p.class, event.Required))
			assert.Empty(t, matched(t, p.pattern), "everyday events")
		})
	}
}

// TestNamedEvents: CIS asks for ModifySecurityGroupRules from v5.0.0 on, and still names the calls of ClassicLink.
func TestNamedEvents(t *testing.T) {
	for _, p := range published(t) {
		switch {
		case p.verdict != "sound":
		case p.class.Name == "security_group_changes" && !strings.Contains(p.by, "v5.0.0"):
			assert.Equal(t, []string{"ModifySecurityGroupRules"}, missed(t, p.pattern, p.class, event.Named), p.by)
		default:
			assert.Empty(t, missed(t, p.pattern, p.class, event.Named, event.Gone), p.by)
		}
	}
}

// TestUnsoundPatterns holds what CIS published and what must not pass.
func TestUnsoundPatterns(t *testing.T) {
	wide, misprints := 0, 0
	for _, p := range published(t) {
		switch p.verdict {
		case "wide":
			wide++
			assert.Len(t, matched(t, p.pattern), len(event.Everyday()), "%s of %s matches everything", p.class.Name, p.by)
		case "misprint":
			misprints++
			_, err := pattern.Parse(p.pattern)
			assert.Error(t, err, "%s of %s cannot be set", p.class.Name, p.by)
		}
	}
	assert.Equal(t, 1, wide, ".1 of v1.3.0 to v1.5.0")
	assert.Equal(t, 3, misprints, ".3 of v1.3.0 to v1.5.0, .4 of v1.3.0, .15 of v6.0.0")
}

// TestIAMPatternMatchesOrganizationsToo: CIS's .4 names no event source. What else it matches does not matter.
func TestIAMPatternMatchesOrganizationsToo(t *testing.T) {
	for _, p := range published(t) {
		if p.class.Name == "iam_policy_changes" && p.verdict == "sound" {
			organizations := event.ByName("organizations_changes")
			both := len(organizations.Names(event.Required)) - len(missed(t, p.pattern, organizations, event.Required))
			assert.Equal(t, 2, both, "CreatePolicy and DeletePolicy of Organizations")
		}
	}
}

func TestOurPatterns(t *testing.T) {
	for _, c := range event.Classes() {
		t.Run(c.Name, func(t *testing.T) {
			assert.Empty(t, missed(t, c.Pattern, c, event.Required, event.Named, event.Gone))
			assert.Empty(t, matched(t, c.Pattern), "everyday events")
			for _, other := range event.Classes() {
				// A call of root may be one of another class, and a denied call is nobody's change.
				if other != c && c.Name != "root_usage" && c.Name != "unauthorized_api_calls" && other.Name != "console_authentication_failures" {
					p, err := pattern.Parse(c.Pattern)
					require.NoError(t, err)
					for _, w := range other.Witnesses {
						assert.False(t, p.Matches(parsed(t, w)), "%s of %s", w.Name, other.Name)
					}
				}
			}
		})
	}
}

// TestLeavingOut takes each event out of each published pattern: it is missed, and no other.
func TestLeavingOut(t *testing.T) {
	for _, p := range published(t) {
		if p.verdict != "sound" || !strings.Contains(p.pattern, "||") {
			continue
		}
		for _, name := range p.class.Names(event.Required) {
			term := map[string]string{
				"Client.UnauthorizedOperation": `\(\$\.errorCode ?= ?"\*UnauthorizedOperation"\)`,
				"AccessDenied":                 `\(\$\.errorCode ?= ?"AccessDenied\*"\)`,
				"AccessDeniedException":        `\(\$\.errorCode ?= ?"AccessDenied\*"\)`,
			}[name]
			if term == "" {
				term = `\(\$\.eventName *= *"?` + name + `"?\)`
			}
			without := regexp.MustCompile(term).ReplaceAllString(p.pattern, `($.eventName = NoSuchEvent)`)
			require.NotEqual(t, p.pattern, without, "%s of %s has no term for %s", p.class.Name, p.by, name)
			gone := []string{name}
			if strings.HasPrefix(name, "AccessDenied") {
				gone = []string{"AccessDenied", "AccessDeniedException"}
			}
			assert.Equal(t, gone, missed(t, without, p.class, event.Required), without)
		}
	}
}

// TestNarrowPatternsMissSome: a filter for one region, or for one kind of identity, sees only a part of a class.
func TestNarrowPatternsMissSome(t *testing.T) {
	for _, c := range event.Classes() {
		for _, narrow := range []string{`($.awsRegion = "us-east-1")`, `($.userIdentity.type = "IAMUser")`, `($.userIdentity.type = "AssumedRole")`} {
			text := "{ (" + strings.TrimSuffix(strings.TrimPrefix(c.Pattern, "{"), "}") + ") && " + narrow + " }"
			global := strings.Contains(narrow, "awsRegion") && (c.Name == "iam_policy_changes" || c.Name == "organizations_changes")
			signIn := strings.Contains(narrow, "IAMUser") && c.Name == "console_sign_in_without_mfa"
			assert.Equal(t, global || signIn, len(missed(t, text, c, event.Required)) == 0, text)
		}
	}
}
