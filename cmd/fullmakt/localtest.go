package main

import (
	"cmp"
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/fullmakt/fullmakt"
	"github.com/fullmakt/fullmakt/catalogue"
	"github.com/fullmakt/fullmakt/text"
)

// What local Altinn test set-ups keep: a file for each party and user, and for each
// user and party the roles that the user has there.
var (
	localParty = regexp.MustCompile(`(?i)(^|/)register/party/[^/]+\.json$`)
	localUser  = regexp.MustCompile(`(?i)(^|/)profile/user/[^/]+\.json$`)
	localRoles = regexp.MustCompile(`(?i)(^|/)roles/user_([0-9]+)/party_([0-9]+)/roles\.json$`)
)

// localPartyJSON is a party of such a set-up. Letter case of keys does not matter.
type localPartyJSON struct {
	PartyID   int64
	OrgNumber string
	SSN       string
	UnitType  string
	Name      string
}

type localUserJSON struct {
	UserID int64
	Party  localPartyJSON
}

type localRoleJSON struct{ Type, Value string }

// localSetup is a set-up on its way to becoming a world.
type localSetup struct {
	catalogue *catalogue.Catalogue
	texts     *text.Texts
	parties   map[int64]localPartyJSON
	users     map[int64]localPartyJSON
	text      strings.Builder
	notes     []string
	stated    map[string]bool
}

// localWorld returns the comment and the register of a world that holds the
// parties and roles of a local test set-up, and what a reader should know. A tree
// that is none gives an empty register.
func localWorld(files []treeFile, cat *catalogue.Catalogue, texts *text.Texts) (register string, notes []string, err error) {
	l := &localSetup{catalogue: cat, texts: texts, parties: map[int64]localPartyJSON{}, users: map[int64]localPartyJSON{}, stated: map[string]bool{}}
	for _, f := range files {
		switch {
		case localParty.MatchString(f.path):
			var p localPartyJSON
			if err := json.Unmarshal(f.data, &p); err != nil {
				return "", nil, fullmakt.Errorf(fullmakt.CodeInvalid, "%s is no party: %w", f.name, err)
			}
			l.parties[p.PartyID] = p
		case localUser.MatchString(f.path):
			var u localUserJSON
			if err := json.Unmarshal(f.data, &u); err != nil {
				return "", nil, fullmakt.Errorf(fullmakt.CodeInvalid, "%s is no user: %w", f.name, err)
			}
			l.users[u.UserID] = u.Party
		}
	}
	for _, f := range files {
		if m := localRoles.FindStringSubmatch(f.path); m != nil {
			if err := l.roles(f, m[2], m[3]); err != nil {
				return "", nil, err
			}
		}
	}
	head := "Made by fullmakt registry import.\n"
	for _, n := range l.notes {
		head += n + "\n"
	}
	return head + "\n-- register --\n" + l.text.String(), l.notes, nil
}

// roles states what a user has at a party.
func (l *localSetup) roles(f treeFile, userID, partyID string) error {
	uid, _ := strconv.ParseInt(userID, 10, 64)
	pid, _ := strconv.ParseInt(partyID, 10, 64)
	user, party := l.users[uid], l.parties[pid]
	if user.SSN == "" || party.OrgNumber == "" { // a user's own party has what SELF gives
		if user.SSN == "" || party.SSN == "" {
			l.note(l.texts.Say("registry.world.left", "file", f.path))
		}
		return nil
	}
	var roles []localRoleJSON
	if err := json.Unmarshal(f.data, &roles); err != nil {
		return fullmakt.Errorf(fullmakt.CodeInvalid, "%s holds no list of roles: %w", f.name, err)
	}
	org, err := l.organisation(party)
	if err != nil {
		return err
	}
	person, err := l.person(user)
	if err != nil {
		return err
	}
	var codes []string
	for _, r := range roles {
		if code := strings.TrimSpace(r.Value); code != "" && !strings.ContainsAny(code, " \"#") {
			codes = append(codes, code)
		}
	}
	slices.Sort(codes)
	for _, code := range slices.Compact(codes) {
		unlisted := ""
		if l.catalogue.RoleID(fullmakt.RoleCode(code)) == 0 {
			unlisted = " unlisted"
		}
		l.state(fmt.Sprintf("role %s at %s holder %s%s", code, org, person, unlisted))
	}
	return nil
}

// note writes down what a reader should know, once.
func (l *localSetup) note(n string) {
	if !slices.Contains(l.notes, n) {
		l.notes = append(l.notes, n)
	}
}

// state writes a statement, once.
func (l *localSetup) state(line string) {
	if !l.stated[line] {
		l.stated[line] = true
		l.text.WriteString(line + "\n")
	}
}

// organisation states an organisation, and returns its number in the world.
func (l *localSetup) organisation(p localPartyJSON) (string, error) {
	n, err := fullmakt.ParseOrgNumber(p.OrgNumber)
	if err != nil {
		return "", err
	}
	was := n
	for stem := 31_000_000 + uint32(n)/10%1_000_000; !n.Synthetic(); stem++ {
		for digit := range uint32(10) {
			if try := fullmakt.OrgNumber(stem*10 + digit); try.Valid() && try.Synthetic() {
				n = try
			}
		}
	}
	if n != was {
		l.note(l.texts.Say("registry.world.organisation", "before", was, "number", n))
	}
	form := fullmakt.OrgForm(cmp.Or(strings.TrimSpace(p.UnitType), "AS"))
	if l.catalogue.FormID(form) == 0 {
		form = "AS"
	}
	l.state(fmt.Sprintf("organisation %s %s %s", n, form, strconv.Quote(worldName(p.Name, n.String()))))
	return n.String(), nil
}

// person states a person, and returns its number in the world.
func (l *localSetup) person(p localPartyJSON) (string, error) {
	id, err := syntheticPerson(p.SSN)
	if err != nil {
		return "", fullmakt.Errorf(fullmakt.CodeInvalid, "a user has no identity number: %w", err)
	}
	if id != p.SSN {
		l.note(l.texts.Say("registry.world.person", "name", p.Name, "number", id))
	}
	l.state(fmt.Sprintf("person %s %s", id, strconv.Quote(worldName(p.Name, id))))
	return id, nil
}

// worldName is a name as a world may write it between quotes.
func worldName(name, fallback string) string {
	name = strings.Join(strings.Fields(strings.NewReplacer(`"`, "", `\`, "").Replace(name)), " ")
	return cmp.Or(name, fallback)
}

// syntheticPerson returns an identity number itself when it is synthetic, and else one of the
// synthetic series that has the same day and, where check digits allow, the same
// individual number.
func syntheticPerson(ssn string) (string, error) {
	if len(ssn) != 11 || strings.Trim(ssn, "0123456789") != "" {
		return "", fullmakt.Errorf(fullmakt.CodeInvalid, "want eleven digits")
	}
	if id, err := fullmakt.ParseNationalID(ssn); err == nil && id.Synthetic() {
		return ssn, nil
	}
	month, _ := strconv.Atoi(ssn[2:4])
	if month > 12 {
		return "", fullmakt.Errorf(fullmakt.CodeInvalid, "the month is none")
	}
	individual, _ := strconv.Atoi(ssn[6:9])
	for tries := range 1000 {
		stem := fmt.Sprintf("%s%02d%s%03d", ssn[:2], month+80, ssn[4:6], (individual+tries)%1000)
		for check := range 100 {
			text := fmt.Sprintf("%s%02d", stem, check)
			if id, err := fullmakt.ParseNationalID(text); err == nil && id.Synthetic() {
				return text, nil
			}
		}
	}
	return "", fullmakt.Errorf(fullmakt.CodeInvalid, "there is no synthetic number for that day")
}
