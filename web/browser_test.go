package web

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
)

// browser starts headless Chromium, which ./test.sh installs, and ends it with the
// test. Quick runs do without.
func browser(t *testing.T) context.Context {
	t.Helper()
	if testing.Short() {
		t.Skip("it needs a browser")
	}
	path := ""
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome"} {
		if found, err := exec.LookPath(name); err == nil {
			path = found
			break
		}
	}
	if path == "" {
		t.Fatal("no Chromium: install it (Debian: apt-get install chromium)")
	}
	// A temporary profile, and nothing that calls home: the network is closed.
	allocated, cancel := chromedp.NewExecAllocator(context.Background(),
		chromedp.ExecPath(path), chromedp.NoSandbox, chromedp.DisableGPU, chromedp.Headless, chromedp.NoFirstRun, chromedp.NoDefaultBrowserCheck,
		chromedp.Flag("disable-quic", true), chromedp.Flag("disable-component-update", true), chromedp.Flag("disable-background-networking", true), chromedp.Flag("disable-sync", true),
	)
	t.Cleanup(cancel)
	ctx, cancel := chromedp.NewContext(allocated)
	t.Cleanup(cancel)
	if err := chromedp.Do(ctx); err != nil { // starts it
		t.Fatal(err)
	}
	ctx, cancel = context.WithTimeout(ctx, 15*time.Minute) // a browser that hangs must not hang the tests
	t.Cleanup(cancel)
	return ctx
}

// do runs steps in the browser.
func do(t *testing.T, ctx context.Context, steps ...chromedp.Action[chromedp.Void]) {
	t.Helper()
	if err := chromedp.Do(ctx, steps...); err != nil {
		t.Fatal(err)
	}
}

// evaluate returns what a line of JavaScript comes to.
func evaluate[T any](t *testing.T, ctx context.Context, script string) T {
	t.Helper()
	value, err := chromedp.Run(ctx, chromedp.Evaluate[T](script))
	if err != nil {
		t.Fatalf("%s: %v", script, err)
	}
	return value
}

// viewport sets the size of the window and the colour scheme: "light" or "dark".
func viewport(width, height int64, scheme string) chromedp.Action[chromedp.Void] {
	return chromedp.Steps(
		chromedp.EmulateViewport(width, height),
		chromedp.Func(func(ctx context.Context, target *chromedp.Target) error {
			_, err := cdp.Call(ctx, target, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{
				Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: scheme}},
			})
			return err
		}),
	)
}

// screenshot keeps a picture of the whole page in the directory that
// FULLMAKT_SCREENSHOTS names, for people to look at; without it it does nothing.
func screenshot(t *testing.T, ctx context.Context, name string) {
	t.Helper()
	dir := os.Getenv("FULLMAKT_SCREENSHOTS")
	if dir == "" {
		return
	}
	picture, err := chromedp.Run(ctx, chromedp.FullScreenshot(100))
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, name+".png"), picture, 0o600); err != nil {
		t.Fatal(err)
	}
}

// widths are those of a telephone, a tablet and a desk.
var widths = []int64{320, 768, 1280}

// looksRight opens a page at every width in light and dark, wants it no wider than
// the window, and keeps screenshots.
func looksRight(t *testing.T, ctx context.Context, name, address string) {
	t.Helper()
	do(t, ctx, viewport(widths[0], 800, "light"), chromedp.Navigate(address))
	for _, width := range widths {
		for _, scheme := range []string{"light", "dark"} {
			do(t, ctx, viewport(width, 800, scheme))
			if evaluate[bool](t, ctx, `document.documentElement.scrollWidth > innerWidth`) {
				t.Errorf("%s: at %d pixels the page is wider than the window", name, width)
			}
			screenshot(t, ctx, fmt.Sprintf("%s-%s-%d", name, scheme, width))
		}
	}
}

func TestFrontInABrowser(t *testing.T) {
	s := demoSite(t)
	looksRight(t, browser(t), "front", s.URL+"/")
}
