package web

import (
	"maps"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
)

func init() {
	maps.Copy(examples, map[string][]example{
		"/org/{number}/requests":             {{path: "/org/310000019/requests"}, {path: "/org/310000019/requests?tab=sent", as: "kari"}},
		"/me/requests":                       {{path: "/me/requests", as: "ola"}},
		"/me/requests/new":                   {{path: "/me/requests/new", as: "ola"}},
		"/org/{number}/requests/{id}":        {{path: "/org/310000019/requests/" + exampleRequest, as: "kari"}},
		"/org/{number}/requests/{id}/{step}": {{path: "/org/310000019/requests/" + exampleRequest + "/approve", as: "kari"}, {path: "/org/310000019/requests/" + exampleRequest + "/reject", as: "kari"}},
		"/me/requests/{id}":                  {{path: "/me/requests/" + exampleRequest, as: "ola"}},
		"/me/requests/{id}/{step}":           {{path: "/me/requests/" + exampleRequest + "/withdraw", as: "ola"}},
		"/org/{number}/requests/new":         {{path: "/org/310000019/requests/new", as: "ola"}, {path: "/org/310000019/requests/new?package=skatt-naering", as: "ola"}},
	})
}

const bergenRequests = "/org/310000019/requests"

var requestLink = regexp.MustCompile(`href="((?:/nn|/en)?/[a-z0-9/]+/requests/[0-9a-f-]{36})"`)

// TestRequest is a request from the remedy's link to its answer, in every language.
func TestRequest(t *testing.T) {
	for prefix, say := range map[string]struct{ sent, pending, approved, got string }{
		"":    {"Forespørselen er sendt til Bergen AS", "venter på svar", "Forespørselen er godkjent, og Ola Hansen har fått fullmakt fra Bergen AS", "Skatt næring"},
		"/nn": {"Førespurnaden er send til Bergen AS", "ventar på svar", "Førespurnaden er godkjend, og Ola Hansen har fått fullmakt frå Bergen AS", "Skatt næring"},
		"/en": {"The request has been sent to Bergen AS", "waiting for an answer", "The request is approved, and Ola Hansen has been given authority by Bergen AS", "Business tax"},
	} {
		s := demoSite(t, func(o *Options) { o.Open = false }) // Ola may ask also whom he may not look at
		ola := s.signIn("ola")
		ask := prefix + bergenRequests + "/new?package=skatt-naering"
		action, values := form(t, s.get(ask, http.StatusOK))
		values.Set("message", "Kan jeg få <b>denne</b>?")
		answer, _ := s.post(ola, action, values, http.StatusSeeOther)
		page := s.get(answer.Header.Get("Location"), http.StatusOK)
		wants(t, page, say.sent, say.pending)
		s.post(ola, action, values, http.StatusSeeOther) // twice is once
		if page = s.get(prefix+"/me/requests?tab=sent", http.StatusOK); strings.Count(page, "<article") != 1 {
			t.Errorf("the form sent twice made %d requests", strings.Count(page, "<article"))
		}
		mine := requestLink.FindStringSubmatch(page)[1]
		wants(t, s.get(mine, http.StatusOK), say.pending, "<b>denne</b>", "Ola Hansen")
		s.get(mine+"/approve", http.StatusForbidden)

		kari := s.signIn("kari")
		page = s.get(prefix+bergenRequests, http.StatusOK)
		one := requestLink.FindStringSubmatch(page)[1]
		wants(t, s.get(one, http.StatusOK), "Ola Hansen", say.got)
		page = s.does(kari, one+"/approve", "until", "2026-12-31")
		wants(t, page, say.approved)
		wants(t, s.get(prefix+bergenUsers, http.StatusOK), "Ola Hansen")
		s.get(one+"/reject", http.StatusConflict)
		s.signIn("ola")
		wants(t, s.get(prefix+"/me/received", http.StatusOK), "Bergen AS", say.got)
	}
}

// TestRequestForms sends what is wrong, and asks those who may not answer.
func TestRequestForms(t *testing.T) {
	s := demoSite(t)
	ola := s.signIn("ola")
	ask := bergenRequests + "/new"
	for path, want := range map[string]struct {
		status int
		text   string
	}{
		ask + "?package=nonsense":                                        {404, "Pakken finnes ikke"},
		ask + "?resource=nonsense":                                       {404, "Tjenesten finnes ikke"},
		ask + "?resource=demo-kontroll-api":                              {404, "Tjenesten finnes ikke"},
		ask + "?resource=demo-skattemelding":                             {200, "Skattemelding for virksomheter"},
		ask + "?package=skatt-naering&to=310000019":                      {403, "Du administrerer ikke fullmakter her"},
		ask + "?q=%3Cimg%3E":                                             {200, "0 funnet"},
		ask + "?q=skatt":                                                 {200, "Skatt næring"},
		"/me/requests/new?from=123":                                      {422, "Dette er ikke et organisasjonsnummer"},
		"/me/requests/new?from=310000175":                                {422, "Ingen virksomhet i registeret"},
		"/me/requests/nonsense":                                          {404, "Ikke funnet"},
		"/me/requests/nonsense/approve":                                  {404, "Ikke funnet"},
		"/org/123/requests/new":                                          {404, "ikke et organisasjonsnummer"},
		"/org/310000035/requests/new?to=310000035&package=skatt-naering": {422, "En virksomhet kan ikke gi fullmakt til seg selv."},
	} {
		wants(t, s.get(path, want.status), want.text)
	}
	answer, err := s.client.Get(s.URL + "/me/requests/new?from=310+000+019&to=310000035")
	if err != nil {
		t.Fatal(err)
	}
	answer.Body.Close()
	if got := answer.Header.Get("Location"); got != ask+"?to=310000035" {
		t.Errorf("whom to ask leads to %q", got)
	}
	action, values := form(t, s.get(ask+"?package=skatt-naering", http.StatusOK))
	values.Set("message", strings.Repeat("å", 501))
	_, page := s.post(ola, action, values, http.StatusUnprocessableEntity)
	wants(t, page, "Meldingen er for lang")
	values.Set("message", "to\r\nlinjer")
	s.post(ola, action, values, http.StatusSeeOther)
	mine := requestLink.FindStringSubmatch(s.get("/me/requests?tab=sent", http.StatusOK))[1]

	// Somebody else sees nothing of it.
	s.signIn("petter")
	s.get(strings.Replace(mine, "/me/", "/org/310000019/", 1), http.StatusNotFound)
	s.get(mine, http.StatusNotFound)
	s.post(nil, mine+"/withdraw", url.Values{"csrf": {"nonsense"}}, http.StatusForbidden)

	// An approval of nothing is none; a step that is none is no page.
	kari := s.signIn("kari")
	one := strings.Replace(mine, "/me/", "/org/310000019/", 1)
	action, values = form(t, s.get(one+"/approve", http.StatusOK))
	values.Del("only")
	_, page = s.post(kari, action, values, http.StatusUnprocessableEntity)
	wants(t, page, "Velg minst én.")
	s.get(one+"/nonsense", http.StatusNotFound)
	wants(t, s.does(kari, one+"/reject"), "Bergen AS har avvist forespørselen fra Ola Hansen", "avvist")
	s.get(one+"/approve", http.StatusConflict)
}

// TestWithdraw takes a request back, on behalf of an organisation.
func TestWithdraw(t *testing.T) {
	s := demoSite(t)
	ola := s.signIn("ola")
	s.does(ola, bergenRequests+"/new?package=skatt-naering&to=310000035")
	one := requestLink.FindStringSubmatch(s.get("/org/310000035/requests?tab=sent", http.StatusOK))[1]
	wants(t, s.does(ola, one+"/withdraw"), "er trukket tilbake", "trukket")
	wants(t, s.get(one+"/withdraw", http.StatusOK), "Det er slik allerede")
}

// TestExplanationLeadsToGiving: who may give finds the page that does it, who may
// not but would receive finds the one that asks, and anybody else finds none.
func TestExplanationLeadsToGiving(t *testing.T) {
	s := demoSite(t)
	why := "/check?subject=" + s.ref("ola") + "&for=310000019&package=skatt-naering"
	for person, want := range map[string]string{"ola": bergenRequests + "/new?package=skatt-naering&amp;to=" + s.ref("ola"), "kari": bergenUsers + "/new", "grete": ""} {
		s.signIn(person)
		page := s.get(why, http.StatusOK)
		if want == "" {
			if strings.Contains(page, bergenRequests+"/new") || strings.Contains(page, bergenUsers+"/") {
				t.Errorf("%s is led to what it may not do", person)
			}
			continue
		}
		if !strings.Contains(page, `href="`+want+`"`) {
			t.Errorf("%s is not led to %s:\n%s", person, want, shown(page))
		}
	}
}
