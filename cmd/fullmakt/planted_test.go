package main

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/fullmakt/fullmakt"
)

// TestPlantedNumbers runs the program as an operator does, sends identity numbers
// in every place of a request, and looks for them in all that the run leaves
// behind: what it prints, its metrics, and its log of look-ups.
func TestPlantedNumbers(t *testing.T) {
	const known = "12817010065" // of the demo register
	planted := []string{known}
	for n := 0; len(planted) < 2; n++ {
		if id, ok := fullmakt.SyntheticNationalID(23, 9, 61, n); ok {
			planted = append(planted, id.Reveal())
		}
	}
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	lookups := filepath.Join(dir, "lookups")
	cmd := exec.CommandContext(t.Context(), self, "--demo", "serve", "--addr", "127.0.0.1:0", "--admin-addr", "127.0.0.1:0", "--lookups", lookups,
		"--clients", filepath.Join(dir, "clients"), "--lang", "en")
	cmd.Env = append(os.Environ(), asProgram+"=1")
	var errs bytes.Buffer
	cmd.Stderr = &errs
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewReader(out)
	printed := ""
	for !strings.Contains(printed, "Ctrl+C") {
		line, err := lines.ReadString('\n')
		printed += line
		if err != nil {
			t.Fatalf("the banner ends after %q: %v\n%s", printed, err, errs.String())
		}
	}
	server := regexp.MustCompile(`http://127\.0\.0\.1:\d+`).FindString(printed)
	metrics := regexp.MustCompile(`http://127\.0\.0\.1:\d+/metrics`).FindString(printed)
	if server == "" || metrics == "" {
		t.Fatalf("the banner lacks an address: %s", printed)
	}

	web := &http.Client{}
	defer web.CloseIdleConnections()
	ask := func(method, address, body string, header http.Header) string {
		t.Helper()
		r, err := http.NewRequest(method, address, strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		r.Header = header
		resp, err := web.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		defer resp.Body.Close()
		told, err := io.ReadAll(resp.Body)
		if err != nil {
			t.Fatal(err)
		}
		if resp.StatusCode >= 500 && resp.StatusCode != http.StatusNotImplemented && resp.StatusCode != http.StatusServiceUnavailable {
			t.Errorf("%s %s: %s", method, address, resp.Status)
		}
		return string(told)
	}
	const parties = "/accessmanagement/api/v1/resourceowner/authorizedparties"
	yes := false
	for _, number := range planted {
		header := http.Header{
			"Content-Type": {"application/json"}, "X-Request-Id": {"call of " + number}, "User-Agent": {number}, "Accept-Language": {number},
			"Traceparent": {"00-000000000000000000000" + number + "-00f067aa0ba902b7-01"}, "Authorization": {"Bearer " + number}, "Cookie": {"a=" + number},
		}
		asked := fmt.Sprintf(`{"subject":{"type":"urn:altinn:person:identifier-no","id":"%[1]s"},"action":{"name":"DAGL"},`+
			`"resource":{"type":"urn:altinn:organization:identifier-no","id":"310000019"},"context":{"purpose":"for %[1]s"}}`, number)
		for _, path := range []string{
			"/access/v1/evaluation", "/access/v1/evaluations", "/access/v1/search/resource", parties, "/fullmakt/v1/support/lookup",
			"/authorization/api/v1/authorize", "/" + number, "/maskinporten/token", "/maskinporten/" + number,
		} {
			for _, body := range []string{asked, `{"type":"urn:altinn:person:identifier-no","value":"` + number + `"}`, number, `"` + number,
				`{"` + number + `":`, strings.Replace(asked, "DAGL", number, 1),
				`{"party":{"type":"urn:altinn:person:identifier-no","id":"` + number + `"},"purpose":"` + number + `"}`} {
				told := ask("POST", server+path, body, header)
				yes = yes || strings.Contains(told, `"decision":true`)
			}
			ask("GET", server+path+"?party="+number+"&term="+url.QueryEscape(number), "", header)
		}
		ask("GET", server+"/?lang="+number, "", header)
		ask("GET", server+"/fullmakt/v1/lookups?client="+number, "", header)
	}
	if !yes {
		t.Error("not one of the questions was answered yes; are they asked as they should be?")
	}
	measured := ask("GET", metrics, "", nil)
	if !strings.Contains(measured, "fullmakt_request_duration_seconds_count") {
		t.Errorf("the metrics lack what was asked: %.300s", measured)
	}
	if err := cmd.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	rest, _ := io.ReadAll(lines)
	if err := cmd.Wait(); err != nil {
		t.Errorf("the server ended with %v", err)
	}

	left := map[string]string{"standard output": printed + string(rest), "standard error": errs.String(), "the metrics": measured}
	err = filepath.WalkDir(lookups, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		data, err := os.ReadFile(path)
		left["the look-ups in "+entry.Name()] = string(data)
		return err
	})
	if err != nil || len(left) < 4 {
		t.Errorf("%d places to look at, %v", len(left), err)
	}
	for where, text := range left {
		for line := range strings.Lines(text) {
			for _, number := range planted {
				if strings.Contains(line, number) {
					t.Errorf("%s has an identity number: %.400s", where, line)
				}
			}
		}
	}
}
