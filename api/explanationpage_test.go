package api

import (
	"regexp"
	"strings"
	"testing"
)

// TestExplanationPage: a no leads to the page that explains it, in a header alone,
// and only where pages are served. No identity number stands there, though the
// question named the person by one.
func TestExplanationPage(t *testing.T) {
	n := demoNode(t)
	without, with := serveAPI(t, n, openConfig()), serveAPI(t, n, openConfig(), WithPages())
	question := func(person, action, resource string) string {
		return `{"subject":{"type":"urn:altinn:person:identifier-no","id":"` + person + `"},"action":{"name":"` + action + `"},"resource":` + resource + `}`
	}
	party := `{"type":"urn:altinn:organization:identifier-no","id":"310000019"}`
	service := `{"type":"urn:altinn:resource","id":"Demo-Skattemelding","properties":{"party":` + party + `}}`
	const ola, known = "03918510094", "12817010065"
	changing := regexp.MustCompile(`"evaluation_id":"[^"]*"`)
	for _, c := range []struct{ path, body, want string }{
		{"/access/v1/evaluation", question(ola, "maskinporten-scopes", party), `^http://127\.0\.0\.1:8080/check\?for=310000019&package=delegerbare-maskinporten-scopes&subject=p\d+$`},
		{"/access/v1/evaluation", question(ola, "DAGL", party), `^http://127\.0\.0\.1:8080/check\?for=310000019&role=DAGL&subject=p\d+$`},
		{"/access/v1/evaluation", question(ola, "sign", service), `^http://127\.0\.0\.1:8080/check\?action=sign&for=310000019&resource=demo-skattemelding&subject=p\d+$`},
		{"/access/v1/evaluation", question(known, "maskinporten-scopes", party), `^$`},         // yes
		{"/access/v1/evaluation", question(ola, "fly", party), `^$`},                           // no package
		{"/access/v1/evaluation", question("22845910018", "x"+known, service), `^$`},           // it might be an identity number
		{"/access/v1/evaluation", question("10845910011", "maskinporten-scopes", party), `^$`}, // nobody
		{authorizePath, pepRequest(uuidOf(t, n, ola), skatt, "310000019", "sign"), `^http://127\.0\.0\.1:8080/check\?action=sign&for=310000019&resource=demo-skattemelding&subject=p\d+$`},
		{decisionPath, pepRequest(uuidOf(t, n, ola), skatt, "310000019", "sign"), `^http://127\.0\.0\.1:8080/check\?action=sign&for=310000019&resource=demo-skattemelding&subject=p\d+$`},
		{authorizePath, pepRequest(uuidOf(t, n, known), skatt, "310000019", "sign"), `^$`},
	} {
		plain, led := without.do("POST", c.path, c.body), with.do("POST", c.path, c.body)
		page := led.Header.Get(headerExplanationPage)
		if !regexp.MustCompile(c.want).MatchString(page) || strings.Contains(page, ola) || strings.Contains(page, known) {
			t.Errorf("%s %s\n\tleads to %q, want %s", c.path, c.body, page, c.want)
		}
		if got := plain.Header.Get(headerExplanationPage); got != "" {
			t.Errorf("without pages it leads to %q", got)
		}
		if a, b := changing.ReplaceAllString(string(plain.body), ""), changing.ReplaceAllString(string(led.body), ""); a != b {
			t.Errorf("%s: the body is another:\n%s\n%s", c.path, a, b)
		}
	}
	dated := strings.TrimSuffix(question(ola, "maskinporten-scopes", party), "}") + `,"context":{"time":"2026-01-01T00:00:00Z"}}`
	if got := with.do("POST", "/access/v1/evaluation", dated).Header.Get(headerExplanationPage); got != "" {
		t.Errorf("a question about another time leads to %q", got)
	}
}
