package main

import (
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/fullmakt/fullmakt/enhetsregisteret"
)

// TestFollow imports a day's file and follows the feeds from there, twice.
func TestFollow(t *testing.T) {
	if testing.Short() {
		t.Skip("it writes a store of its own")
	}
	dir := t.TempDir()
	data, file := filepath.Join(dir, "register"), filepath.Join(dir, "enheter.json")
	const bergen = `[{"organisasjonsnummer":"310000019","navn":"BERGEN AS","organisasjonsform":{"kode":"AS"}}]`
	if err := os.WriteFile(file, []byte(bergen), 0o600); err != nil {
		t.Fatal(err)
	}
	register := enhetsregisteret.NewRehearsal(time.Date(2026, 11, 20, 12, 0, 0, 0, time.UTC))
	web := httptest.NewServer(register)
	defer web.Close()
	step := func(want int, args ...string) (out, errs string) {
		t.Helper()
		code, out, errs := ask(t, append([]string{"--data", data, "--lang", "en"}, args...)...)
		if code != want {
			t.Fatalf("%v: exit status %d, want %d:\n%s%s", args, code, want, out, errs)
		}
		return out, errs
	}
	if _, errs := step(exitUnavailable, "follow", "--once", "--base-url", web.URL); !strings.Contains(errs, "import the register's files first") {
		t.Errorf("follow without a store: %s", errs)
	}
	if _, err := os.Stat(data); err == nil {
		t.Errorf("follow without a store made one")
	}
	step(exitOK, "import", file, "--file-date", "2026-11-20")
	step(exitUsage, "follow", "--every", "1ms")

	register.Put(enhetsregisteret.FeedUnits, 310000019, `{"organisasjonsnummer":"310000019","navn":"BERGEN NYE AS","organisasjonsform":{"kode":"AS"},"konkurs":true}`)
	register.Put(enhetsregisteret.FeedSubUnits, 310000086, `{"organisasjonsnummer":"310000086","navn":"BERGEN AVD VOSS","organisasjonsform":{"kode":"BEDR"},"overordnetEnhet":"310000019"}`)
	register.Put(enhetsregisteret.FeedRoles, 310000019, `{"rollegrupper":[{"type":{"kode":"DAGL"},"sistEndret":"2026-11-20","roller":[{"type":{"kode":"DAGL"},
		"person":{"fodselsdato":"1981-01-01","navn":{"fornavn":"Kari","etternavn":"Nordmann"},"erDoed":false},"avregistrert":false}]}]}`)
	out, errs := step(exitOK, "follow", "--once", "--base-url", web.URL, "--from-start")
	if !strings.Contains(out, "updates/enheter: 1 entries") || !strings.Contains(out, "updates/roller: 1 entries") || !strings.Contains(errs, "following "+web.URL) {
		t.Errorf("follow prints %s%s", out, errs)
	}
	out, _ = step(exitOK, "check", "kari nordmann", "--for", "bergen nye as")
	if !strings.Contains(out, "State of BERGEN NYE AS: bankrupt") {
		t.Errorf("check after follow: %s", out)
	}
	if out, _ = step(exitOK, "follow", "--once", "--base-url", web.URL, "-o", "json"); strings.Contains(out, `"entries":1`) {
		t.Errorf("following again reads again: %s", out)
	}
	step(exitOK, "doctor")

	register.Remove(enhetsregisteret.FeedUnits, 310000019)
	step(exitOK, "follow", "--once", "--base-url", web.URL)
	step(exitUnknown, "check", "kari nordmann", "--for", "310000019")
}
