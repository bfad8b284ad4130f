package paper_test

import (
	"bytes"
	"context"
	"fmt"
	"image/png"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// browser opens the page in Chromium, which Debian's package chromium has.
func browser(t *testing.T) context.Context {
	t.Helper()
	program := ""
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome"} {
		if path, err := exec.LookPath(name); err == nil {
			program = path
			break
		}
	}
	if program == "" {
		t.Skip("SKIPPED: there is no chromium on PATH, so the report is seen in no browser")
	}
	path := filepath.Join(t.TempDir(), "report.html")
	require.NoError(t, os.WriteFile(path, []byte(html(t)), 0o600))
	options := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(program), chromedp.NoSandbox, chromedp.WindowSize(1200, 900), chromedp.WSURLReadTimeout(time.Minute))
	allocator, stop := chromedp.NewExecAllocator(context.Background(), options...)
	t.Cleanup(stop)
	ctx, close := chromedp.NewContext(allocator)
	t.Cleanup(close)
	ctx, cancel := context.WithTimeout(ctx, 3*time.Minute)
	t.Cleanup(cancel)
	var asked []string
	chromedp.ListenTarget(ctx, func(event any) {
		switch e := event.(type) {
		case *network.EventRequestWillBeSent:
			asked = append(asked, e.Request.URL)
		case *runtime.EventExceptionThrown:
			t.Errorf("the page has an error: %s", e.ExceptionDetails.Text)
		}
	})
	require.NoError(t, chromedp.Run(ctx, network.Enable(), chromedp.Navigate("file://"+path)))
	assert.Equal(t, []string{"file://" + path}, asked, "the page asks for itself and nothing else")
	return ctx
}

func TestInABrowser(t *testing.T) {
	ctx := browser(t)
	run := func(actions ...chromedp.Action) { t.Helper(); require.NoError(t, chromedp.Run(ctx, actions...)) }

	t.Run("dark and light", func(t *testing.T) {
		colours := map[string][2]string{}
		for _, scheme := range []string{"light", "dark"} {
			var ink, paper string
			var shot []byte
			run(emulation.SetEmulatedMedia().WithFeatures([]*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: scheme}}),
				chromedp.Evaluate(`getComputedStyle(document.body).color`, &ink), chromedp.Evaluate(`getComputedStyle(document.body).backgroundColor`, &paper),
				chromedp.CaptureScreenshot(&shot))
			colours[scheme] = [2]string{ink, paper}
			keep(t, "report-"+scheme+".png", shot)
			_, err := png.Decode(bytes.NewReader(shot))
			require.NoError(t, err)
		}
		assert.NotEqual(t, colours["light"], colours["dark"])
	})
	t.Run("nothing is wider than the window, on a phone neither", func(t *testing.T) {
		for _, width := range []int64{1200, 390} {
			var wide int64
			run(chromedp.EmulateViewport(width, 800), chromedp.Evaluate(`document.documentElement.scrollWidth`, &wide))
			assert.LessOrEqual(t, wide, width)
		}
		run(chromedp.EmulateViewport(1200, 900))
	})
	t.Run("the strips have a segment for each change, as wide as its days", func(t *testing.T) {
		var share float64
		run(chromedp.Evaluate(`(() => { const d = [...document.querySelectorAll("details")].find(d => d.textContent.includes("100000000002"));
			const strip = d.querySelector("summary .strip"), alarm = strip.querySelector(".alarm");
			return alarm.getBoundingClientRect().width / strip.getBoundingClientRect().width; })()`, &share))
		assert.InDelta(t, 9.0/92, share, 0.005)
	})
	t.Run("keyboard", func(t *testing.T) {
		var focused, open bool
		run(chromedp.KeyEvent(kb.Tab), chromedp.Evaluate(`document.activeElement.className === "skip-link"`, &focused))
		assert.True(t, focused, "the first stop skips to the gaps")
		run(chromedp.KeyEvent(kb.Tab), chromedp.KeyEvent(kb.Enter), chromedp.Evaluate(`document.activeElement.parentElement.open`, &open))
		assert.True(t, open, "an account opens with the keyboard")
	})
	t.Run("screen reader", func(t *testing.T) {
		var tree struct {
			Nodes []struct {
				Ignored bool  `json:"ignored"`
				Role    value `json:"role"`
				Name    value `json:"name"`
			} `json:"nodes"`
		}
		run(chromedp.ActionFunc(func(ctx context.Context) error {
			return cdp.Execute(ctx, "Accessibility.getFullAXTree", nil, &tree)
		}))
		said, headings := []string{}, 0
		for _, n := range tree.Nodes {
			if n.Ignored {
				continue
			}
			role, name := fmt.Sprint(n.Role.Value), fmt.Sprint(n.Name.Value)
			if role == "image" || role == "img" {
				assert.NotEmpty(t, name, "a strip without words")
				said = append(said, name)
			}
			if role == "heading" {
				headings++
			}
		}
		assert.Contains(t, said, "alarm 9 days, no run 2 days, no complete run 3 days, good 78 days")
		assert.GreaterOrEqual(t, headings, 7)
	})
	t.Run("contrast of text", func(t *testing.T) {
		for _, scheme := range []string{"light", "dark"} {
			var ratios map[string]float64
			run(emulation.SetEmulatedMedia().WithFeatures([]*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: scheme}}), chromedp.Evaluate(contrast, &ratios))
			for name, ratio := range ratios {
				assert.GreaterOrEqual(t, ratio, 4.5, "%s, %s", scheme, name)
			}
		}
	})
	t.Run("prints on A4", func(t *testing.T) {
		var pdf []byte
		run(chromedp.ActionFunc(func(ctx context.Context) (err error) {
			pdf, _, err = page.PrintToPDF().WithPreferCSSPageSize(true).WithPrintBackground(false).Do(ctx)
			return err
		}))
		keep(t, "report.pdf", pdf)
		boxes := regexp.MustCompile(`/MediaBox \[0 0 ([\d.]+) ([\d.]+)\]`).FindAllSubmatch(pdf, -1)
		require.NotEmpty(t, boxes)
		assert.Less(t, len(boxes), 12, "pages")
		for _, box := range boxes {
			assert.Regexp(t, `^59[45]`, string(box[1]), "A4 is 595 points wide")
			assert.Regexp(t, `^84[12]`, string(box[2]))
		}
	})
}

type value struct {
	Value any `json:"value"`
}

// contrast is WCAG's ratio of text to its background, for each kind of text that the page has.
const contrast = `(() => {
	const rgb = c => c.match(/[\d.]+/g).slice(0, 3).map(Number);
	const light = c => { const [r, g, b] = rgb(c).map(v => (v /= 255) <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4); return 0.2126 * r + 0.7152 * g + 0.0722 * b; };
	const under = e => { while (e && /rgba\(0, 0, 0, 0\)/.test(getComputedStyle(e).backgroundColor)) e = e.parentElement; return getComputedStyle(e || document.body).backgroundColor; };
	const found = {};
	for (const s of ["body", ".soft", ".tiles .bad b", ".tiles .fine b", ".tag.t-alarm", ".tag.t-error", "thead th", ".axis span", ".tiles li"]) {
		const e = document.querySelector(s); if (!e) continue;
		const [a, b] = [light(getComputedStyle(e).color), light(under(e))].sort((x, y) => y - x);
		found[s] = (a + 0.05) / (b + 0.05);
	}
	return found; })()`

// keep writes what the browser made into the folder that CTCW_KEEP names.
func keep(t *testing.T, name string, content []byte) {
	t.Helper()
	if dir := os.Getenv("CTCW_KEEP"); dir != "" {
		require.NoError(t, os.WriteFile(filepath.Join(dir, name), content, 0o600))
		fmt.Println("kept", filepath.Join(dir, name))
	}
}
