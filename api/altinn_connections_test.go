package api

import (
	"encoding/json"
	"iter"
	"net/http"
	"strings"
	"testing"

	"github.com/fullmakt/fullmakt"
	"github.com/fullmakt/fullmakt/index"
	"github.com/fullmakt/fullmakt/node"
	"github.com/fullmakt/fullmakt/pdp"
)

// TestAltinnAccessManager: connections are shown to who manages access for the
// party, and to nobody else.
func TestAltinnAccessManager(t *testing.T) {
	n := worldNode(t, altinnWorld)
	s := serveAPI(t, n, openConfig()).server
	ask := func(who *caller, path, party, direction string) (int, string) {
		u := uuidOf(t, n, party)
		got := callAs(t, s, who, "GET", accessManagement+"/enduser/connections"+path+"?party="+u+"&"+direction+"="+u, "")
		return got.Code, got.Body.String()
	}
	kari, jonas, ola := userOf(t, n, "12817010065"), userOf(t, n, "22845910018"), userOf(t, n, "03918510094")
	for _, path := range []string{"", "/accesspackages", "/roles"} {
		for _, c := range []struct {
			what             string
			who              *caller
			party, direction string
			want             int
		}{
			{"the managing director", kari, "310000019", "from", 200},
			{"of a sub-unit", kari, "310000086", "from", 200},
			{"from others too", kari, "310000019", "to", 200},
			{"a board member with a package", jonas, "310000019", "from", 403},
			{"a stranger", ola, "310000019", "from", 403},
			{"a holder of one package", ola, "310000086", "from", 403},
			{"a person about itself", ola, "03918510094", "from", 200},
			{"and what it has received", ola, "03918510094", "to", 200},
			{"a person about another", kari, "03918510094", "to", 403},
			{"a company about itself", userOf(t, n, "310000019"), "310000019", "from", 403},
		} {
			if got, body := ask(c.who, path, c.party, c.direction); got != c.want {
				t.Errorf("%s, %s: %d %s, want %d", path, c.what, got, body, c.want)
			}
		}
	}
	// A person's number is shown to itself alone.
	if _, body := ask(kari, "/accesspackages", "310000019", "from"); strings.Contains(body, "22845910018") || !strings.Contains(body, "12817010065") {
		t.Errorf("identity numbers of others, or not one's own: %s", body)
	}
	if _, body := ask(ola, "", "03918510094", "to"); !strings.Contains(body, "Moderskip Avdeling") || strings.Contains(body, `"name":"Ola Hansen"`) {
		t.Errorf("what Ola has received: %s", body)
	}
}

// TestAltinnAccessManagerOfPerson: who manages a person's access sees whom that
// person lets in, not where the person itself has come in.
func TestAltinnAccessManagerOfPerson(t *testing.T) {
	n := worldNode(t, `
person 12817010065 "Kari Nordmann"
person 03918510094 "Ola Hansen"
grant tilgangsstyrer from 03918510094 to 12817010065 from 2025-01-01
`)
	s := serveAPI(t, n, openConfig()).server
	ola := uuidOf(t, n, "03918510094")
	for direction, want := range map[string]int{"from": 200, "to": 403} {
		target := accessManagement + "/enduser/connections?party=" + ola + "&" + direction + "=" + ola
		if got := callAs(t, s, userOf(t, n, "12817010065"), "GET", target, ""); got.Code != want {
			t.Errorf("%s: %d %s, want %d", direction, got.Code, got.Body, want)
		}
	}
}

// TestAltinnECKEY: the key by which an enterprise user opens the hop is named as
// the role it comes by (rule NEST-2).
func TestAltinnECKEY(t *testing.T) {
	n := demoNode(t)
	a := serveAPI(t, n, openConfig())
	user, err := n.Find(t.Context(), "trondheim-integrasjon")
	if err != nil {
		t.Fatal(err)
	}
	bergen := uuidOf(t, n, "310000019")
	var answer struct {
		Data []struct{ Permissions []permissionJSON }
	}
	a.json(a.do("GET", accessManagement+"/enduser/connections/accesspackages?party="+bergen+"&from="+bergen+"&to="+user.UUID.String(), nil), 200, &answer)
	if len(answer.Data) != 133 {
		t.Fatalf("%d packages", len(answer.Data))
	}
	p := answer.Data[0].Permissions[0]
	if p.ViaRole == nil || p.ViaRole.Code != "ECKEYROLE" || p.Via.Name != "Trondheim AS" || p.Role.Code != "daglig-leder" || p.Reason.Items[0].Name != "keyrole" {
		t.Errorf("%+v", p)
	}
}

// TestAltinnConnectionsWhole: every party that has something is among the
// connections, under another or by itself, in both directions.
func TestAltinnConnectionsWhole(t *testing.T) {
	for _, n := range []*node.Node{demoNode(t), worldNode(t, altinnWorld)} {
		s := serveAPI(t, n, openConfig()).server
		snap := n.Current()
		for p := fullmakt.PartyNo(1); p <= snap.Last(); p++ {
			u, err := n.Store().UUIDs(t.Context(), []fullmakt.PartyNo{p})
			if err != nil {
				t.Fatal(err)
			}
			for direction, all := range map[string]func(*index.Snapshot, fullmakt.PartyNo, int64) iter.Seq2[fullmakt.PartyNo, []pdp.Ground]{"from": pdp.GroundsFor, "to": pdp.GroundsOf} {
				target := accessManagement + "/enduser/connections?party=" + u[p].String() + "&" + direction + "=" + u[p].String()
				got := callAs(t, s, everybody, "GET", target, "")
				var answer struct{ Data []connectionJSON }
				if err := json.Unmarshal(got.Body.Bytes(), &answer); err != nil || got.Code != 200 {
					t.Fatalf("%d %s", got.Code, got.Body)
				}
				found := map[fullmakt.PartyNo]bool{}
				for _, one := range answer.Data {
					found[fullmakt.PartyNo(one.Party.PartyID)] = true
					for _, below := range one.Connections {
						found[fullmakt.PartyNo(below.Party.PartyID)] = true
					}
				}
				want := 0
				for other := range all(snap, p, testNow.Unix()) {
					if other != p {
						if want++; !found[other] {
							t.Errorf("%s of %s: %s is missing", direction, snap.Name(p), snap.Name(other))
						}
					}
				}
				for other := range all(snap, p, testNow.Unix()) {
					if other == p {
						continue
					}
					u, err := n.Store().UUIDs(t.Context(), []fullmakt.PartyNo{other})
					if err != nil {
						t.Fatal(err)
					}
					opposite := map[string]string{"from": "&to=", "to": "&from="}[direction]
					got := callAs(t, s, everybody, "GET", target+opposite+u[other].String(), "")
					var alone struct{ Data []connectionJSON }
					if err := json.Unmarshal(got.Body.Bytes(), &alone); err != nil || len(alone.Data) != 1 || fullmakt.PartyNo(alone.Data[0].Party.PartyID) != other {
						t.Errorf("%s of %s, only %s: %s", direction, snap.Name(p), snap.Name(other), got.Body)
					}
				}
				if len(found) != want {
					t.Errorf("%s of %s: %d parties, want %d", direction, snap.Name(p), len(found), want)
				}
			}
		}
	}
}

// TestAltinnDelegationCheck: the check says of every package what the engine says.
func TestAltinnDelegationCheck(t *testing.T) {
	n := demoNode(t)
	s := serveAPI(t, n, openConfig()).server
	snap := n.Current()
	check := accessManagement + "/enduser/connections/accesspackages/delegationcheck?party="
	for _, c := range []struct{ who, party string }{
		{"12817010065", "310000019"}, {"12817010065", "310000086"}, {"21887810084", "310000051"}, {"08907710093", "310000159"}, {"12817010065", "12817010065"},
	} {
		got := callAs(t, s, userOf(t, n, c.who), "GET", check+uuidOf(t, n, c.party), "")
		if got.Code != http.StatusOK {
			t.Fatalf("%s for %s: %d %s", c.who, c.party, got.Code, got.Body)
		}
		var answer struct {
			Data []struct {
				Package struct{ URN string }
				Result  bool
				Reasons []struct{ Description string }
			}
		}
		if err := json.Unmarshal(got.Body.Bytes(), &answer); err != nil {
			t.Fatal(err)
		}
		subject, object := number(t, n.Current().Lookup, c.who), number(t, n.Current().Lookup, c.party)
		kind := snap.Kind(object)
		yes, want := 0, 0
		for _, p := range snap.Catalogue().Packages() {
			if p.EntityType == kind {
				want++
			}
		}
		for _, row := range answer.Data {
			p, ok := snap.Catalogue().FindPackage(row.Package.URN)
			if !ok || p.EntityType != kind {
				t.Fatalf("package %s for a %s", row.Package.URN, kind)
			}
			q := pdp.Ask(subject, object, testNow.Unix())
			q.Package = p.ID
			if d := pdp.Decide(snap, q); d.MayGive != row.Result {
				t.Errorf("%s may give %s for %s: %t, the engine says %t", c.who, p.Code, c.party, row.Result, d.MayGive)
			}
			if len(row.Reasons) == 0 || row.Reasons[0].Description == "" {
				t.Errorf("no reason for %s", p.Code)
			}
			if row.Result {
				yes++
			}
		}
		if len(answer.Data) != want || yes == 0 || yes == want {
			t.Errorf("%s for %s: %d packages of %d, %d to give", c.who, c.party, len(answer.Data), want, yes)
		}
	}
	kari := userOf(t, n, "12817010065")
	party := uuidOf(t, n, "310000019")
	if got := callAs(t, s, kari, "GET", check+party+"&packages=nothing", ""); got.Code != 400 || !strings.Contains(got.Body.String(), `"AM.VLD-00011"`) {
		t.Errorf("an unknown package: %d %s", got.Code, got.Body)
	}
	one := check + party + "&packageIds=27f488d7-d1f6-4aee-ae81-2bb42d62c446"
	if got := callAs(t, s, kari, "GET", one, ""); got.Code != 200 || strings.Count(got.Body.String(), `"result"`) != 1 {
		t.Errorf("one package: %d %s", got.Code, got.Body)
	}
	if got := callAs(t, s, userOf(t, n, "12817010065", scopeToOthersRead), "GET", one, ""); got.Code != 403 {
		t.Errorf("with the scope for reading: %d", got.Code)
	}
	if got := callAs(t, s, userOf(t, n, "22845910018"), "GET", one, ""); got.Code != 403 {
		t.Errorf("by a board member: %d %s", got.Code, got.Body)
	}
}
