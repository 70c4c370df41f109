package api

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/fullmakt/fullmakt"
	"github.com/fullmakt/fullmakt/index"
	"github.com/fullmakt/fullmakt/pdp"
	"github.com/google/go-cmp/cmp"
)

const partyURN = "urn:altinn:partyid"

// TestR1SoughtEntity: an id of what is sought is ignored; a search for actions has
// no action.
func TestR1SoughtEntity(t *testing.T) {
	a := openDemo(t)
	want := []string{kari}
	for _, sought := range []obj{{"type": personURN}, {"type": "person"}, person(ola), {"type": personURN, "id": "nonsense"}, {"type": personURN, "id": nil}} {
		if diff := cmp.Diff(want, a.search(subjectPath, evaluation(sought, seed, org(bergen))).ids()); diff != "" {
			t.Errorf("%v: %s", sought, diff)
		}
	}
	request := obj{"subject": person(kari), "resource": org(bergen)}
	names := a.search(actionPath, request).ids()
	if !slices.Contains(names, seed) || !slices.Contains(names, "urn:altinn:external-role:ccr:daglig-leder") {
		t.Errorf("Kari's actions for Bergen AS: %v", names)
	}
	if diff := cmp.Diff(names, a.search(actionPath, with(request, "action", obj{"name": "anything"})).ids()); diff != "" {
		t.Errorf("an action in a search for actions: %s", diff)
	}
}

// TestR2CompleteEntities: the other entities must be whole.
func TestR2CompleteEntities(t *testing.T) {
	a := openDemo(t)
	typ := obj{"type": orgURN}
	for path, bad := range map[string][]obj{
		subjectPath: {
			{}, {"subject": typ, "action": obj{"name": seed}}, {"subject": typ, "resource": org(bergen)},
			{"action": obj{"name": seed}, "resource": org(bergen)}, {"subject": obj{}, "action": obj{"name": seed}, "resource": org(bergen)},
			evaluation(typ, seed, typ), evaluation(typ, seed, obj{"id": bergen}), evaluation(obj{"type": 5}, seed, org(bergen)),
		},
		resourcePath: {
			{}, evaluation(typ, seed, typ), evaluation(obj{"id": kari}, seed, typ), evaluation(person(kari), seed, obj{}),
			{"subject": person(kari), "resource": typ}, {"action": obj{"name": seed}, "resource": typ},
		},
		actionPath: {{}, {"subject": person(kari)}, {"resource": org(bergen)}, {"subject": typ, "resource": org(bergen)}, {"subject": person(kari), "resource": typ}},
	} {
		for _, body := range bad {
			if got := a.do("POST", path, body); got.StatusCode != 400 {
				t.Errorf("%s %v: %d %s", path, body, got.StatusCode, got.body)
			}
		}
	}
}

// TestR3Unknown: an unknown id or type has no results, at every search.
func TestR3Unknown(t *testing.T) {
	a := openDemo(t)
	nobody, nothing := obj{"type": personURN, "id": "01810100000"}, obj{"type": "vehicle", "id": "EL1"}
	for path, requests := range map[string][]obj{
		subjectPath: {
			evaluation(obj{"type": "vehicle"}, seed, org(bergen)), evaluation(obj{"type": personURN}, "nope", org(bergen)),
			evaluation(obj{"type": personURN}, seed, nobody), evaluation(obj{"type": personURN}, seed, nothing),
		},
		resourcePath: {
			evaluation(person(kari), seed, obj{"type": "vehicle"}), evaluation(person(kari), seed, obj{"type": "urn:altinn:resource"}),
			evaluation(nobody, seed, obj{"type": orgURN}), evaluation(nothing, seed, obj{"type": orgURN}), evaluation(person(kari), "nope", obj{"type": orgURN}),
		},
		actionPath: {
			{"subject": nobody, "resource": org(bergen)}, {"subject": nothing, "resource": org(bergen)},
			{"subject": person(kari), "resource": nothing}, {"subject": person(kari), "resource": nobody},
		},
	} {
		for _, body := range requests {
			if l := a.search(path, body); len(l.Results) != 0 || *l.Page.Next != "" {
				t.Errorf("%s %v: %+v", path, body, l)
			}
		}
	}
}

// TestR4ResultsOfTheSoughtType: and nothing but type and id, or name.
func TestR4ResultsOfTheSoughtType(t *testing.T) {
	a := openDemo(t)
	for _, typ := range kindURNs[1:] {
		for _, r := range a.search(subjectPath, evaluation(obj{"type": typ}, seed, org(bergen))).Results {
			if len(r) != 2 || r["type"] != typ || r["id"] == "" {
				t.Errorf("sought %s, found %v", typ, r)
			}
		}
		for _, r := range a.search(resourcePath, evaluation(person(kari), seed, obj{"type": typ})).Results {
			if len(r) != 2 || r["type"] != typ || r["id"] == "" {
				t.Errorf("sought %s, found %v", typ, r)
			}
		}
	}
	for _, r := range a.search(actionPath, obj{"subject": person(kari), "resource": org(bergen)}).Results {
		if len(r) != 1 || r["name"] == "" {
			t.Errorf("found %v", r)
		}
	}
}

// TestR5SearchAgreesWithEvaluation: every search finds exactly what evaluates to
// true, in the whole demo world.
func TestR5SearchAgreesWithEvaluation(t *testing.T) {
	a := openDemo(t)
	a.unchecked = true // thousands of exchanges of the same shapes
	snap := a.server.node.Current()
	var parties []obj
	for p := fullmakt.PartyNo(1); p <= snap.Last(); p++ {
		if snap.Kind(p) != fullmakt.KindUnknown {
			parties = append(parties, obj{"type": partyURN, "id": fmt.Sprint(p)})
		}
	}
	actions := []string{
		seed, "urn:altinn:accesspackage:maskinlesbare-hendelser", "urn:altinn:accesspackage:tilgangsstyrer", "urn:altinn:accesspackage:hovedadministrator",
		"urn:altinn:accesspackage:regnskapsforer-med-signeringsrettighet", "urn:altinn:accesspackage:innbygger-post-og-telekommunikasjon",
		"DAGL", "REGN", "MEDL", "DTPR", "KNUF", "privatperson",
	}
	if testing.Short() {
		actions = []string{actions[0], actions[4], "REGN", "MEDL"}
	}
	actions = append(actions, givenOnly(t, snap))
	for _, action := range actions {
		byObject, bySubject := map[string][]string{}, map[string][]string{}
		for _, subject := range parties {
			var items []obj
			for _, object := range parties {
				items = append(items, obj{"resource": object})
			}
			for i, got := range a.evaluateMany(obj{"subject": subject, "action": obj{"name": action}, "evaluations": items}) {
				if strings.HasPrefix(got, "true") {
					s, o := subject["id"].(string), parties[i]["id"].(string)
					byObject[o], bySubject[s] = append(byObject[o], s), append(bySubject[s], o)
				}
			}
		}
		for _, p := range parties {
			id := p["id"].(string)
			found := a.search(subjectPath, evaluation(obj{"type": partyURN}, action, p)).ids()
			if diff := cmp.Diff(append([]string{}, byObject[id]...), found); diff != "" {
				t.Errorf("%s: who may act for %s: %s", action, id, diff)
			}
			found = a.search(resourcePath, evaluation(p, action, obj{"type": partyURN})).ids()
			if diff := cmp.Diff(append([]string{}, bySubject[id]...), found); diff != "" {
				t.Errorf("%s: for whom %s may act: %s", action, id, diff)
			}
		}
		t.Logf("%s: %d organisations have somebody", action, len(byObject))
	}
	for _, subject := range parties {
		names := a.search(actionPath, obj{"subject": subject, "resource": org(bergen)}).ids()
		for _, name := range names {
			if got := a.evaluate(evaluation(subject, name, org(bergen))); !*got.Decision {
				t.Errorf("%v has %s for Bergen AS by search, and evaluates to %s", subject, name, got)
			}
		}
	}
}

// givenOnly returns a package that somebody may give on without using it (rule
// GIVE-2): a list of what may be used or given holds more than may be used.
func givenOnly(t *testing.T, snap *index.Snapshot) string {
	t.Helper()
	for p := fullmakt.PartyNo(1); p <= snap.Last(); p++ {
		pairs, _ := pdp.ActsFor(snap, p, testNow.Unix(), pdp.All, 0, 1000)
		for _, pair := range pairs {
			for id := range pair.Give.Minus(pair.Use).All() {
				return snap.Catalogue().Package(id).URN
			}
		}
	}
	t.Fatal("nobody in the demo world may give without using")
	return ""
}

// pagingWorld is an accountant with clients, a list to page over.
func pagingWorld(clients int) string {
	var b strings.Builder
	number := fullmakt.NextOrgNumber(31100000)
	next := func() fullmakt.OrgNumber {
		n := number
		number = fullmakt.NextOrgNumber(uint32(n)/10 + 1)
		return n
	}
	fmt.Fprintf(&b, "organisation %s AS \"Regnskap AS\"\nperson 01896210099 \"Anne Lund\"\nrole DAGL at \"Regnskap AS\" holder anne\n", next())
	for i := range clients {
		fmt.Fprintf(&b, "organisation %s AS \"Kunde %d AS\"\nrole REGN at \"Kunde %d AS\" holder \"Regnskap AS\"\n", next(), i, i)
	}
	return b.String()
}

const (
	anne       = "01896210099"
	accounting = "urn:altinn:accesspackage:regnskapsforer-med-signeringsrettighet"
)

// pages follows a search to its end and returns what the pages held together.
func (a *apitest) pages(path string, request obj, limit int, between func()) (all []string, pages int) {
	a.Helper()
	page := obj{"limit": limit}
	for {
		l := a.search(path, with(request, "page", page))
		all = append(all, l.ids()...)
		pages++
		if len(l.Results) > limit || len(l.Results) < limit && *l.Page.Next != "" {
			a.Fatalf("a page of %d with limit %d and next %q", len(l.Results), limit, *l.Page.Next)
		}
		if *l.Page.Next == "" {
			return all, pages
		}
		page = obj{"limit": limit, "token": *l.Page.Next}
		if between != nil {
			between()
		}
	}
}

// TestR6Paging: the pages together are the list, at every size; the last one says
// so with an empty token.
func TestR6Paging(t *testing.T) {
	a := serveAPI(t, worldNode(t, pagingWorld(23)), openConfig())
	requests := map[string]obj{
		resourcePath: evaluation(person(anne), accounting, obj{"type": orgURN}),
		subjectPath:  evaluation(obj{"type": partyURN}, accounting, obj{"type": partyURN, "id": "3"}),
		actionPath:   {"subject": person(anne), "resource": obj{"type": partyURN, "id": "3"}},
	}
	for path, request := range requests {
		whole := a.search(path, request)
		if *whole.Page.Next != "" || len(whole.Results) < 2 {
			t.Fatalf("%s: %+v", path, whole)
		}
		for _, limit := range []int{1, 2, 3, 7, 22, 23, 24, 1000} {
			got, pages := a.pages(path, request, limit, nil)
			if diff := cmp.Diff(whole.ids(), got); diff != "" {
				t.Errorf("%s with limit %d: %s", path, limit, diff)
			}
			if want := (len(whole.Results) + limit - 1) / limit; pages != want {
				t.Errorf("%s with limit %d: %d pages, want %d", path, limit, pages, want)
			}
		}
	}
	// Zero leaves the size to the server.
	if l := a.search(resourcePath, with(requests[resourcePath], "page", obj{"limit": 0})); len(l.Results) != 23 {
		t.Errorf("limit 0: %d results", len(l.Results))
	}
	for _, page := range []any{5, "x", obj{"limit": -1}, obj{"limit": 1.5}, obj{"limit": "3"}, obj{"token": 5}} {
		if got := a.do("POST", resourcePath, with(requests[resourcePath], "page", page)); got.StatusCode != 400 {
			t.Errorf("page %v: %d", page, got.StatusCode)
		}
	}
}

// TestR7TokenBound: a token is good for its own search, its own limit and its own
// caller; without a limit it brings its own.
func TestR7TokenBound(t *testing.T) {
	a := serveAPI(t, worldNode(t, pagingWorld(23)), openConfig())
	request := evaluation(person(anne), accounting, obj{"type": orgURN})
	first := a.search(resourcePath, with(request, "page", obj{"limit": 5}))
	token := *first.Page.Next
	second := a.search(resourcePath, with(request, "page", obj{"token": token}))
	if len(second.Results) != 5 || second.ids()[0] == first.ids()[0] {
		t.Errorf("token without limit: %v", second.ids())
	}
	raw, err := base64.RawURLEncoding.DecodeString(token)
	if err != nil {
		t.Fatal(err)
	}
	bad := map[string]any{
		"another limit":   with(request, "page", obj{"token": token, "limit": 6}),
		"another action":  with(evaluation(person(anne), "REGN", obj{"type": orgURN}), "page", obj{"token": token}),
		"another subject": with(evaluation(obj{"type": partyURN, "id": "1"}, accounting, obj{"type": orgURN}), "page", obj{"token": token}),
		"another type":    with(evaluation(person(anne), accounting, obj{"type": partyURN}), "page", obj{"token": token}),
		"another time":    with(request, "page", obj{"token": token}, "context", obj{"time": "2026-03-01T00:00:00Z"}),
		"nothing":         with(request, "page", obj{"token": "x"}),
		"too long":        with(request, "page", obj{"token": token + "A"}),
		"too short":       with(request, "page", obj{"token": token[:len(token)-2]}),
	}
	for i := range raw {
		forged := slices.Clone(raw)
		forged[i] ^= 1
		bad[fmt.Sprintf("byte %d", i)] = with(request, "page", obj{"token": base64.RawURLEncoding.EncodeToString(forged)})
	}
	for what, body := range bad {
		if got := a.do("POST", resourcePath, body); got.StatusCode != 400 {
			t.Errorf("%s: %d %s", what, got.StatusCode, got.body)
		}
	}
	// Another process has another key.
	other := serveAPI(t, a.server.node, openConfig())
	if got := other.do("POST", resourcePath, with(request, "page", obj{"token": token})); got.StatusCode != 400 {
		t.Errorf("a token of another process: %d", got.StatusCode)
	}
}

// TestR9PageFirst: the page member comes first.
func TestR9PageFirst(t *testing.T) {
	a := openDemo(t)
	for _, path := range []string{subjectPath, resourcePath, actionPath} {
		got := a.do("POST", path, evaluation(person(kari), seed, org(bergen)))
		if !bytes.HasPrefix(got.body, []byte(`{"page":{"next_token":"`)) {
			t.Errorf("%s: %s", path, got.body)
		}
	}
}

// TestR10RevisionBound: pages asked for while the register moves on are those of
// the first page's revision; so they are when that snapshot is no longer kept.
func TestR10RevisionBound(t *testing.T) {
	n := worldNode(t, pagingWorld(12))
	now := testNow
	a := serveAPI(t, n, openConfig(), WithClock(func() time.Time { return now }))
	request := evaluation(person(anne), accounting, obj{"type": orgURN})
	want := a.search(resourcePath, request)
	client := fullmakt.PartyNo(13) // the last one
	change := 0
	between := func() {
		t.Helper()
		// The accountant leaves, and comes back, and leaves.
		change++
		_, err := n.Do(context.Background(), testNow.Add(time.Duration(change)*time.Second), "test", func(s *index.Snapshot) ([]fullmakt.Change, error) {
			o := fullmakt.Organisation{Party: client, Form: "AS", Source: fullmakt.SourceWorld}
			if change%2 == 0 {
				o.Roles = []fullmakt.Role{{Code: fullmakt.REGN, Holder: 1}}
			}
			return []fullmakt.Change{o}, nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	for _, forget := range []bool{false, true} {
		first := a.search(resourcePath, with(request, "page", obj{"limit": 1}))
		start := a.search(resourcePath, request).ids()
		got, _ := a.pages(resourcePath, request, 3, func() { // the last page finds the head changed
			between()
			if forget {
				a.server.pinned.kept = map[fullmakt.Seq]*pin{}
			}
		})
		if diff := cmp.Diff(start, got); diff != "" {
			t.Errorf("forget %t: %s", forget, diff)
		}
		if first.Context.Revision == a.search(resourcePath, request).Context.Revision {
			t.Error("the register did not move")
		}
	}
	if len(want.Results) != 12 {
		t.Errorf("%d clients", len(want.Results))
	}
}

// TestSearchTime: searches about another time.
func TestSearchTime(t *testing.T) {
	a := openDemo(t)
	for at, want := range map[string]int{"2025-01-31T12:00:00Z": 0, "2025-02-01T12:00:00Z": 1, "2019-01-01T00:00:00Z": 0} {
		context := obj{"time": at}
		users := a.search(subjectPath, with(evaluation(obj{"type": "urn:altinn:enterpriseuser:uuid"}, seed, org(bergen)), "context", context))
		if len(users.Results) != want {
			t.Errorf("%s: %v", at, users.ids())
		}
	}
	// In the past, by what held then: first a year with an accountant, then none.
	n := worldNode(t, pagingWorld(3))
	a = serveAPI(t, n, openConfig())
	left := testNow.Add(-time.Hour)
	if _, err := n.Do(context.Background(), left, "test", func(*index.Snapshot) ([]fullmakt.Change, error) {
		return []fullmakt.Change{fullmakt.Organisation{Party: 3, Form: "AS", Source: fullmakt.SourceWorld}}, nil
	}); err != nil {
		t.Fatal(err)
	}
	for at, want := range map[string]int{"": 2, testNow.Format(time.RFC3339): 2, left.Add(-time.Second).Format(time.RFC3339): 3, left.Format(time.RFC3339): 2} {
		context := obj{}
		if at != "" {
			context["time"] = at
		}
		clients := a.search(resourcePath, with(evaluation(person(anne), accounting, obj{"type": orgURN}), "context", context))
		accountants := a.search(subjectPath, with(evaluation(obj{"type": orgURN}, accounting, obj{"type": partyURN, "id": "3"}), "context", context))
		actions := a.search(actionPath, with(obj{"subject": person(anne), "resource": obj{"type": partyURN, "id": "3"}}, "context", context))
		if len(clients.Results) != want || (len(accountants.Results) == 1) != (want == 3) || (len(actions.Results) > 0) != (want == 3) {
			t.Errorf("at %q: clients %v, accountants %v, %d actions", at, clients.ids(), accountants.ids(), len(actions.Results))
		}
	}
}

// TestUncertain: OPEN-1: a person of the open data, known by birth date and name,
// is refused unless the operator allows it, and named by no identity number.
func TestUncertain(t *testing.T) {
	const register = `organisation 310000019 AS "Bergen AS"
person born 1970-05-12 "Kari Nordmann"
role DAGL at "Bergen AS" holder kari
`
	n := worldNode(t, register)
	sought := evaluation(obj{"type": "urn:altinn:person:uuid"}, seed, org(bergen))
	for allow, want := range map[bool]string{false: "false uncertain_identity", true: "true held_via_role"} {
		cfg := openConfig()
		cfg.AllowUncertain = allow
		a := serveAPI(t, n, cfg)
		got := a.evaluate(evaluation(obj{"type": partyURN, "id": "2"}, seed, org(bergen)))
		if got.String() != want || !got.Context.Uncertain || got.Context.MayGive != allow {
			t.Errorf("allowed %t: %s, may give %t, uncertain %t", allow, got, got.Context.MayGive, got.Context.Uncertain)
		}
		if l := a.search(subjectPath, sought); (len(l.Results) == 1) != allow {
			t.Errorf("allowed %t: found %v", allow, l.ids())
		}
		if l := a.search(subjectPath, evaluation(obj{"type": personURN}, seed, org(bergen))); len(l.Results) != 0 {
			t.Errorf("a person without identity number is named %v", l.ids())
		}
		if l := a.search(actionPath, obj{"subject": obj{"type": partyURN, "id": "2"}, "resource": org(bergen)}); (len(l.Results) > 0) != allow {
			t.Errorf("allowed %t: actions %v", allow, l.ids())
		}
	}
}

// TestPRIV1: to list what a real person holds takes a purpose, and leaves out
// organisations that do no business unless the purpose is on the operator's list.
func TestPRIV1(t *testing.T) {
	// A person known by birth date and name counts as real.
	n := worldNode(t, `organisation 310000019 AS "Bergen AS"
organisation 310000027 FLI "Koret"
person born 1970-05-12 "Kari Nordmann"
role DAGL at "Bergen AS" holder kari
role LEDE at "Koret" holder kari
`)
	cfg := openConfig()
	cfg.AllowUncertain = true
	cfg.Purposes = []string{"Tilsyn"}
	log := openLookups(t, LookupsConfig{Level: "denials"})
	a := serveAPI(t, n, cfg, WithLookups(log))
	request := evaluation(obj{"type": partyURN, "id": "3"}, "urn:altinn:accesspackage:tilgangsstyrer", obj{"type": orgURN})
	if got := a.do("POST", resourcePath, request); got.StatusCode != 403 {
		t.Errorf("without a purpose: %d %s", got.StatusCode, got.body)
	}
	for purpose, want := range map[string][]string{"nysgjerrighet": {bergen}, "tilsyn": {bergen, trondheim}} {
		l := a.search(resourcePath, with(request, "context", obj{"purpose": purpose}))
		if diff := cmp.Diff(want, l.ids()); diff != "" || l.Context.BusinessOnly != (len(want) == 1) {
			t.Errorf("%s: business only %t, %s", purpose, l.Context.BusinessOnly, diff)
		}
	}
	kept := 0
	for _, r := range lookups(t, log) {
		if r.Purpose != "" && r.Subject == 3 {
			kept++
		}
	}
	if kept != 2 {
		t.Errorf("%d of 2 lists are in a log of denials", kept)
	}
}

// TestFreshness: a caller that has seen a revision is not answered from an older.
func TestFreshness(t *testing.T) {
	n := worldNode(t, pagingWorld(2))
	a := serveAPI(t, n, openConfig())
	request := evaluation(person(anne), accounting, obj{"type": partyURN, "id": "3"})
	before := a.evaluate(request)
	// Somebody else writes; this server has not looked yet.
	old := n.Current()
	seq, err := n.Store().Append(context.Background(), old.Seq(), testNow, "test", func(yield func(fullmakt.Change, error) bool) {
		yield(fullmakt.Organisation{Party: 3, Form: "AS", Source: fullmakt.SourceWorld}, nil)
	})
	if err != nil {
		t.Fatal(err)
	}
	if got := a.evaluate(with(request, "context", obj{"at_least_as_fresh": before.Context.Revision})); !*got.Decision || got.Context.Revision != before.Context.Revision {
		t.Errorf("with the revision at hand: %s at %s", got, got.Context.Revision)
	}
	got := a.evaluate(with(request, "context", obj{"at_least_as_fresh": revisionToken(seq)}))
	if *got.Decision || got.Context.Revision != revisionToken(seq) {
		t.Errorf("with the new revision: %s at %s", got, got.Context.Revision)
	}
	// One that is not here yet: alone 503 with a time to come back, in a batch a
	// failed item.
	later := obj{"at_least_as_fresh": revisionToken(seq + 1)}
	late := a.do("POST", evaluationPath, with(request, "context", later))
	if late.StatusCode != http.StatusServiceUnavailable || late.Header.Get("Retry-After") == "" {
		t.Errorf("%d, Retry-After %q", late.StatusCode, late.Header.Get("Retry-After"))
	}
	if diff := cmp.Diff([]string{"false no_relation", "false stale"}, a.evaluateMany(with(request, "evaluations", []obj{{}, {"context": later}}))); diff != "" {
		t.Error(diff)
	}
	if got := a.do("POST", subjectPath, with(evaluation(obj{"type": personURN}, accounting, obj{"type": partyURN, "id": "3"}), "context", later)); got.StatusCode != 503 {
		t.Errorf("search: %d", got.StatusCode)
	}
}

// TestPageTokenHoldsNoIdentifier: a token that a client keeps tells nothing.
func TestPageTokenHoldsNoIdentifier(t *testing.T) {
	a := serveAPI(t, worldNode(t, pagingWorld(23)), openConfig())
	l := a.search(resourcePath, with(evaluation(person(anne), accounting, obj{"type": orgURN}), "page", obj{"limit": 5}))
	raw, err := base64.RawURLEncoding.DecodeString(*l.Page.Next)
	if err != nil {
		t.Fatal(err)
	}
	for _, secret := range []string{anne, l.ids()[4]} {
		if bytes.Contains(raw, []byte(secret)) {
			t.Errorf("the token holds %s", secret)
		}
	}
	if out, err := json.Marshal(l); err != nil || len(out) == 0 {
		t.Fatal(err)
	}
}
