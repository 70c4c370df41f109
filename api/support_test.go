package api

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/fullmakt/fullmakt"
	"github.com/fullmakt/fullmakt/audit"
	"github.com/google/go-cmp/cmp"
)

func (a *apitest) support(body obj) supportAnswer {
	a.Helper()
	var s supportAnswer
	a.json(a.do("POST", supportPath, body), http.StatusOK, &s)
	return s
}

func supportNames(s supportAnswer) (list []string) {
	for _, i := range s.Items {
		list = append(list, i.Party.Name)
	}
	return list
}

// TestSupportLookup: what a support desk is told of a person, by which paths.
func TestSupportLookup(t *testing.T) {
	a, log := recorded(t, demoNode(t))
	got := a.support(obj{"party": person(kari), "purpose": "call 4711"})
	if got.Party.Name != "Kari Nordmann" || got.Party.Type != kindURNs[personUUIDKind] || got.Party.Kind != "person" {
		t.Errorf("party %+v", got.Party)
	}
	names := supportNames(got)
	for _, want := range []string{"Bergen AS", "Trondheim AS", "Fisketorget Utsalg"} {
		if !slices.Contains(names, want) {
			t.Errorf("no %s among %v", want, names)
		}
	}
	if slices.Contains(names, "Oslo AS") {
		t.Error("Oslo AS is listed")
	}
	i := slices.Index(names, "Bergen AS")
	item := got.Items[i]
	if !slices.ContainsFunc(item.Packages, func(p supportPackage) bool { return p.URN == seed && p.MayUse && p.MayGive && p.Name != "" }) {
		t.Errorf("packages %+v", item.Packages)
	}
	if !slices.Contains(item.Roles, "DAGL") || len(item.Paths) == 0 || item.Paths[0].Rule != fullmakt.RuleNest || len(item.Paths[0].Steps) != 2 || item.Party.State != "active" {
		t.Errorf("item %+v", item)
	}
	if all := lookups(t, log); len(all) != 1 || all[0].Subject != a.no(kari) || all[0].Purpose != "call 4711" || all[0].Outcome != audit.Listed || all[0].Count != len(got.Items) {
		t.Errorf("recorded %+v", all)
	}
	// From the other end.
	back := a.support(obj{"party": org(bergen), "purpose": "x", "direction": "acted_for_by"})
	if names = supportNames(back); !slices.Contains(names, "Kari Nordmann") || slices.Contains(names, "Ola Hansen") {
		t.Errorf("who acts for Bergen AS: %v", names)
	}
	// One pair, and why not.
	pair := a.support(obj{"party": person(ola), "other": org(bergen), "purpose": "x"})
	if len(pair.Items) != 1 || len(pair.Items[0].Packages) != 0 || len(pair.Items[0].NearMisses) == 0 || pair.Items[0].NearMisses[0].Reason != fullmakt.ReasonNestingLimit {
		t.Errorf("pair %+v", pair)
	}
	// Citizens' packages: what guardians may do is not known here.
	if got.GuardianshipCovered == nil || *got.GuardianshipCovered {
		t.Error("the answer does not say that guardianship is not covered")
	}
}

// TestSupportPages: pages of every size are one list.
func TestSupportPages(t *testing.T) {
	a, _ := recorded(t, demoNode(t))
	whole := supportNames(a.support(obj{"party": person("01896210099"), "purpose": "x", "page": obj{"limit": 500}}))
	if len(whole) < 4 {
		t.Fatalf("%v: the test wants more", whole)
	}
	for _, limit := range []int{1, 2, 3} {
		var names []string
		token := ""
		for {
			p := a.support(obj{"party": person("01896210099"), "purpose": "x", "page": obj{"limit": limit, "token": token}})
			if len(p.Items) > limit || p.Page.Count != len(p.Items) {
				t.Fatalf("%d items on a page of %d", len(p.Items), limit)
			}
			names = append(names, supportNames(p)...)
			if token = p.Page.Next; token == "" {
				break
			}
		}
		if diff := cmp.Diff(whole, names); diff != "" {
			t.Errorf("pages of %d: %s", limit, diff)
		}
	}
	p := a.support(obj{"party": person("01896210099"), "purpose": "x", "page": obj{"limit": 1}})
	if got := a.do("POST", supportPath, obj{"party": person(kari), "purpose": "x", "page": obj{"limit": 1, "token": p.Page.Next}}); got.StatusCode != http.StatusBadRequest {
		t.Errorf("the page of another list: %d", got.StatusCode)
	}
}

// TestPRIV1Support: a support look-up takes a purpose, is recorded whatever comes of
// it, and for a real person leaves out what does no business unless the purpose is
// on the operator's list.
func TestPRIV1Support(t *testing.T) {
	const register = `organisation 310000019 AS "Bergen AS"
organisation 310000027 FLI "Bergen Idrettslag"
person born 1970-01-28 "Kari Nordmann"
role DAGL at 310000019 holder "Kari Nordmann"
role LEDE at 310000027 holder "Kari Nordmann"
`
	n := worldNode(t, register)
	log := openLookups(t, LookupsConfig{})
	cfg := openConfig()
	cfg.Purposes = []string{"inspection"}
	a := serveAPI(t, n, cfg, WithLookups(log))
	p, err := n.Find(t.Context(), "Kari Nordmann")
	if err != nil {
		t.Fatal(err)
	}
	ask := obj{"party": obj{"type": "urn:altinn:party:uuid", "id": p.UUID.String()}}
	got := a.support(with(ask, "purpose", "curiosity"))
	if diff := cmp.Diff([]string{"Bergen AS", "Kari Nordmann"}, supportNames(got)); diff != "" || !got.BusinessOnly || !got.Items[0].Uncertain {
		t.Errorf("%s %+v", diff, got)
	}
	if got = a.support(with(ask, "purpose", "Inspection")); len(got.Items) != 3 || got.BusinessOnly {
		t.Errorf("%+v", got)
	}
	if got = a.support(with(ask, "purpose", "curiosity", "other", org("310000027"))); len(got.Items) != 0 {
		t.Errorf("a pair shows what the list leaves out: %+v", got)
	}
	before := len(lookups(t, log))
	for _, purpose := range []any{nil, "", "  "} {
		body := ask
		if purpose != nil {
			body = with(ask, "purpose", purpose)
		}
		if got := a.do("POST", supportPath, body); got.StatusCode != http.StatusForbidden || strings.Contains(string(got.body), "Bergen") {
			t.Errorf("purpose %v: %d: %s", purpose, got.StatusCode, got.body)
		}
	}
	if all := lookups(t, log); len(all) != before+3 || all[before].Outcome != audit.Failed {
		t.Errorf("refusals are not recorded: %+v", all[before:])
	}
}

func TestSupportRefusals(t *testing.T) {
	a, _ := recorded(t, demoNode(t))
	good := obj{"party": person(kari), "purpose": "x"}
	for what, tt := range map[string]struct {
		body   any
		status int
	}{
		"nobody":            {with(good, "party", person("21887810085")), 404},
		"another type":      {with(good, "party", obj{"type": "x", "id": "y"}), 400},
		"no party":          {obj{"purpose": "x"}, 400},
		"unknown member":    {with(good, "reason", "x"), 400},
		"two objects":       {`{"purpose":"x"}{}`, 400},
		"a long purpose":    {with(good, "purpose", strings.Repeat("x", maxPurpose+1)), 400},
		"another direction": {with(good, "direction", "x"), 400},
		"another time":      {with(good, "time", "soon"), 400},
		"a forged page":     {with(good, "page", obj{"token": "x"}), 400},
		"a huge page":       {with(good, "page", obj{"limit": 501}), 400},
		"before history":    {with(good, "time", "2019-12-31T00:00:00Z"), 404},
	} {
		got := a.do("POST", supportPath, tt.body)
		if got.StatusCode != tt.status || strings.Contains(string(got.body), kari) {
			t.Errorf("%s: %d, want %d: %s", what, got.StatusCode, tt.status, got.body)
		}
	}
	if got := a.do("POST", supportPath, good, "Content-Type", "text/plain"); got.StatusCode != http.StatusUnsupportedMediaType {
		t.Errorf("text: %d", got.StatusCode)
	}
	if got := openDemo(t).do("POST", supportPath, good); got.StatusCode != http.StatusServiceUnavailable {
		t.Errorf("without a log: %d", got.StatusCode)
	}
}
