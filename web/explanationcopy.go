package web

import (
	"bytes"
	"encoding/json"
	"net/url"
	"strings"
	"unicode"

	"github.com/fullmakt/fullmakt"
	"github.com/fullmakt/fullmakt/text"
)

// copied is a line to copy: the question in another form.
type copied struct{ ID, Label, Text string }

// remedyShown is one way in which a no becomes a yes.
type remedyShown struct {
	Letter  string
	Text    string
	By      string // who may do it
	Command string
	URL     string // of the page where it is done; "" where there is none
	Ask     bool   // that page asks for it
}

// copies gives a question as the address of its answer, as a request that a
// program makes, and as a command. Persons are named in them by UUID, or in the demo
// by name, and never by identity number.
func (v *view) copies(ask asking) ([]copied, error) {
	names, err := v.refs(ask.subject, ask.object)
	if err != nil {
		return nil, err
	}
	curl, err := v.curl(ask, names)
	if err != nil {
		return nil, err
	}
	words := []string{"explain", names.command(ask.subject), "--for", names.command(ask.object)}
	for _, flag := range [][2]string{{"--package", ask.pkg}, {"--role", ask.role}, {"--right", ask.right}, {"--action", ask.action}, {"--resource", ask.resource}} {
		if flag[1] != "" {
			words = append(words, flag[0], shellWord(flag[1]))
		}
	}
	list := []copied{{"copy-link", v.say("web.check.copy.link"), v.base() + v.checkURL(ask)}}
	if !v.Public {
		list = append(list, copied{"copy-curl", v.say("web.check.copy.curl"), curl})
	}
	return append(list, copied{"copy-cli", v.say("web.check.copy.cli"), v.command(words...)}), nil
}

// base is where the visitor reaches this server, without a slash at the end.
func (v *view) base() string {
	if v.PublicURL != "" {
		return v.PublicURL
	}
	return "http://" + v.r.Host
}

// command is a line for a terminal. Where the store lies is told only to visitors on
// the machine itself.
func (v *view) command(words ...string) string {
	where := v.CommandLine
	if !v.Open {
		where = "--data DIR"
	}
	return strings.Join(append([]string{"fullmakt", where}, words...), " ")
}

// names are how parties are named outside the pages.
type names struct {
	kinds map[fullmakt.PartyNo]fullmakt.PartyKind
	uuids map[fullmakt.PartyNo]fullmakt.UUID
	orgs  map[fullmakt.PartyNo]string
	plain map[fullmakt.PartyNo]string // names that fit nobody else, in the demo
}

// refs looks up how parties are named outside the pages.
func (v *view) refs(parties ...fullmakt.PartyNo) (*names, error) {
	n := &names{kinds: map[fullmakt.PartyNo]fullmakt.PartyKind{}, orgs: map[fullmakt.PartyNo]string{}, plain: map[fullmakt.PartyNo]string{}}
	for _, p := range parties {
		id := v.snap.ID(p)
		if n.kinds[p] = id.Kind; id.Kind == fullmakt.KindOrganisation {
			n.orgs[p] = id.Org.String()
		}
		if name := v.snap.Name(p); v.Demo && v.Open && name != "" && name == text.Printable(name) {
			if found, err := v.node.Find(v.r.Context(), name); err == nil && found.No == p {
				n.plain[p] = name
			}
		}
	}
	var err error
	n.uuids, err = v.node.Store().UUIDs(v.r.Context(), parties)
	return n, err
}

// command names a party on the command line.
func (n *names) command(p fullmakt.PartyNo) string {
	switch {
	case n.plain[p] != "":
		return shellWord(n.plain[p])
	case n.orgs[p] != "":
		return n.orgs[p]
	}
	return n.uuids[p].String()
}

// entity names a party in AuthZEN.
func (n *names) entity(p fullmakt.PartyNo) map[string]any {
	if number := n.orgs[p]; number != "" {
		return map[string]any{"type": "urn:altinn:organization:identifier-no", "id": number}
	}
	kind := map[fullmakt.PartyKind]string{
		fullmakt.KindPerson: "urn:altinn:person:uuid", fullmakt.KindEnterpriseUser: "urn:altinn:enterpriseuser:uuid", fullmakt.KindSystemUser: "urn:altinn:systemuser:uuid",
	}[n.kinds[p]]
	return map[string]any{"type": kind, "id": n.uuids[p].String()}
}

// evaluation is a question in AuthZEN, its members in the order of the standard.
type evaluation struct {
	Subject  any            `json:"subject"`
	Action   map[string]any `json:"action,omitempty"`
	Resource any            `json:"resource"`
	Context  map[string]any `json:"context,omitempty"`
}

// curl is a question as an AuthZEN request. One that names nothing is a search for
// what the subject may do, since AuthZEN evaluates actions; one about a single right
// has no form there, and is asked by the resource and the right's action.
func (v *view) curl(ask asking, n *names) (string, error) {
	path := "/access/v1/evaluation"
	e := evaluation{Subject: n.entity(ask.subject), Resource: n.entity(ask.object), Context: map[string]any{"explain": true}}
	switch {
	case ask.pkg != "":
		e.Action = map[string]any{"name": "urn:altinn:accesspackage:" + ask.pkg}
	case ask.role != "":
		e.Action = map[string]any{"name": ask.role}
	case ask.resource != "":
		action := ask.action
		if action == "" {
			action = ask.right
		}
		e.Action = map[string]any{"name": action}
		e.Resource = map[string]any{"type": "urn:altinn:resource", "id": ask.resource, "properties": map[string]any{"party": n.entity(ask.object)}}
	default:
		path, e.Context = "/access/v1/search/action", nil
	}
	var body bytes.Buffer
	enc := json.NewEncoder(&body)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(e); err != nil {
		return "", fullmakt.Errorf(fullmakt.CodeInternal, "question as JSON: %w", err)
	}
	line := "curl -s " + shellWord(v.base()+path) + " -H 'Content-Type: application/json'"
	if !v.Open {
		line += ` -H "Authorization: Bearer $TOKEN"`
	}
	return line + " -d " + quote(strings.TrimSpace(body.String())), nil
}

// shellWord writes a word as a shell reads it: in double quotes where that does,
// as people write names.
func shellWord(s string) string {
	plain, spaced := s != "", s != ""
	for _, r := range s {
		switch {
		case unicode.IsLetter(r), unicode.IsDigit(r), strings.ContainsRune("-_.:/@", r):
		case r == ' ':
			plain = false
		default:
			plain, spaced = false, false
		}
	}
	switch {
	case plain && !strings.HasPrefix(s, "-"):
		return s
	case spaced && !strings.HasPrefix(s, "-"):
		return `"` + s + `"`
	}
	return quote(s)
}

func quote(s string) string { return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'" }

// remedies tells how a no becomes a yes: who can do it, with which command, and on
// which page.
func (v *view) remedies(a *text.Answer) ([]remedyShown, error) {
	var parties []fullmakt.PartyNo
	for _, r := range a.Remedies {
		parties = append(parties, r.From.No, r.To.No, r.Client.No)
		for _, p := range r.By[:min(1, len(r.By))] {
			parties = append(parties, p.No)
		}
	}
	n, err := v.refs(parties...)
	if err != nil {
		return nil, err
	}
	var list []remedyShown
	for i, r := range a.Remedies {
		shown := remedyShown{Letter: string(rune('a' + i%26)), Text: v.texts.Remedy(a, r)}
		shown.URL, shown.Ask = v.remedyPage(a, r)
		switch {
		case r.Kind == text.RemedyRegister:
			shown.By = v.say("web.check.register")
		case !v.mayLook(a.For.No): // whose administrators are not the visitor's to know
		case len(r.By) == 0:
			shown.By = v.say("remedy.nobody")
		default:
			shown.By = v.say("remedy.by", "parties", v.texts.Parties(r.By))
		}
		if words := remedyWords(a, r, n); words != nil {
			// The demo cannot be changed from elsewhere: there it is tried, as somebody
			// who may.
			if v.Demo && len(r.By) > 0 && r.Kind != text.RemedyECKEY {
				words = append(words, "--as", n.command(r.By[0].No), "--dry-run")
			}
			shown.Command = v.command(words...)
		}
		list = append(list, shown)
	}
	return list, nil
}

// remedyWords is the command that does a remedy; nil for one that no command does.
func remedyWords(a *text.Answer, r text.Remedy, n *names) []string {
	from, to := n.command(r.From.No), n.command(r.To.No)
	switch {
	case r.Kind == text.RemedyGrant && a.Package != nil:
		return []string{"grant", a.Package.Code, "--from", from, "--to", to}
	case r.Kind == text.RemedyGrant && a.Right != text.Right{}:
		return []string{"grant", "--resource", shellWord(a.Right.Resource), "--right", shellWord(a.Right.Right), "--from", from, "--to", to}
	case r.Kind == text.RemedyECKEY && r.To.Kind == fullmakt.KindEnterpriseUser:
		return []string{"enterprise-user", "eckey", "grant", shellWord(r.To.Name), "--org", r.From.ID}
	case r.Kind == text.RemedyClient && a.Package != nil:
		return []string{"clients", "delegate", a.Package.Code, "--of", from, "--client", n.command(r.Client.No), "--agent", to}
	case r.Kind == text.RemedyAgent:
		return []string{"agents", "add", to, "--of", from}
	}
	return nil
}

// remedyPage returns the address of the page on which a remedy is done: where the
// visitor may give it, or where it, or a party that it administers, asks for it.
func (v *view) remedyPage(a *text.Answer, r text.Remedy) (address string, ask bool) {
	if r.From.Kind != fullmakt.KindOrganisation || r.Kind != text.RemedyGrant || r.To.No == 0 || a.Package == nil {
		return "", false
	}
	switch {
	case v.manages(r.From.No) && r.To.Kind != fullmakt.KindOrganisation && !v.knows(r.From.No, r.To.No):
		return v.url(partyPath(r.From) + partUsers + "/new"), false // it must be named first (rule GIVE-3)
	case v.manages(r.From.No):
		return v.url(partyPath(r.From) + partUsers + "/" + partyRef(r.To) + "/give/package/" + a.Package.Code), false
	case v.manages(r.To.No):
		return v.url(partyPath(r.From)+partRequests+"/new", "package", a.Package.Code, "to", partyRef(r.To)), true
	}
	return "", false
}

// pathOf fills a page's pattern, which has one place to fill; "" where there is no
// such page.
func pathOf(pattern, value string) string {
	for _, rt := range routes() {
		if rt.method == "GET" && rt.pattern == pattern {
			before, rest, _ := strings.Cut(pattern, "{")
			_, after, _ := strings.Cut(rest, "}")
			return before + url.PathEscape(value) + after
		}
	}
	return ""
}
