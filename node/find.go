package node

import (
	"context"
	"fmt"
	"strconv"
	"strings"

	"github.com/fullmakt/fullmakt"
)

// AmbiguousError says that a name fits several parties and lists them.
type AmbiguousError struct {
	Ref        string
	Candidates []fullmakt.Party
	More       bool // there are more than the candidates listed
}

// mostCandidates bounds the candidates of an AmbiguousError.
const mostCandidates = 20

// Error tells how many parties the name fits.
func (e *AmbiguousError) Error() string {
	n := strconv.Itoa(len(e.Candidates))
	if e.More {
		n = "more than " + n
	}
	return fmt.Sprintf("%q fits %s parties", e.Ref, n)
}

// Unwrap gives the error its code.
func (e *AmbiguousError) Unwrap() error {
	return fullmakt.Errorf(fullmakt.CodeAmbiguous, "%s", e.Error()).WithHint("use the number of the one you mean")
}

// The URN prefixes that name parties, as Altinn writes them, in lower case.
const (
	urnOrganisation = "urn:altinn:organization:identifier-no:"
	urnPerson       = "urn:altinn:person:identifier-no:"
	urnPartyUUID    = "urn:altinn:party:uuid:"
	urnPartyID      = "urn:altinn:partyid:"
	urnPartyIDLong  = "urn:altinn:party:id:"
)

// Find returns the party that ref names: an organisation number, an identity
// number, a UUID, a URN of one of these or of a party id, the user name of an
// enterprise user (alone or as USER@NUMBER), or a name. A name must fit one party
// alone: by the whole of it, letter case aside, or in a small register by its
// first word.
//
// Errors: CodeNotFound, CodeInvalid for a number with a wrong check digit, and
// *AmbiguousError with the candidates. Nothing is guessed.
func (n *Node) Find(ctx context.Context, ref string) (fullmakt.Party, error) {
	ref = strings.TrimSpace(ref)
	lower := strings.ToLower(ref)
	for prefix, find := range map[string]func(context.Context, string) (fullmakt.Party, error){
		urnOrganisation: n.findOrganisation,
		urnPerson:       n.findPerson,
		urnPartyUUID:    n.findUUID,
		urnPartyID:      n.findNumber,
		urnPartyIDLong:  n.findNumber,
	} {
		if strings.HasPrefix(lower, prefix) {
			return find(ctx, ref[len(prefix):])
		}
	}
	switch {
	case strings.HasPrefix(lower, "urn:"):
		return fullmakt.Party{}, fullmakt.Errorf(fullmakt.CodeInvalid, "URN %q is not of a kind that names a party", ref).
			WithHint("write %s310000019, %s…, %s… or %s…", urnOrganisation, urnPerson, urnPartyUUID, urnPartyID)
	case len(ref) == 36 && strings.Count(ref, "-") == 4:
		return n.findUUID(ctx, ref)
	}
	switch digits := countDigits(ref); {
	case digits == 11 && onlyDigits(ref):
		return n.findPerson(ctx, ref)
	case digits == 9 && numberLike(ref):
		return n.findOrganisation(ctx, ref)
	}
	return n.findName(ctx, ref)
}

func countDigits(s string) (n int) {
	for _, r := range s {
		if r >= '0' && r <= '9' {
			n++
		}
	}
	return n
}

// onlyDigits reports whether s is digits and blanks.
func onlyDigits(s string) bool { return strings.Trim(s, "0123456789 \u00a0\u202f") == "" }

// numberLike reports whether nothing but an organisation number's trimmings
// stands around its digits.
func numberLike(s string) bool {
	u := strings.ToUpper(s)
	u = strings.TrimSuffix(strings.TrimPrefix(u, "NO"), "MVA")
	return strings.Trim(u, "0123456789 .-\u00a0\u202f") == ""
}

func (n *Node) findOrganisation(ctx context.Context, text string) (fullmakt.Party, error) {
	number, err := fullmakt.ParseOrgNumber(text)
	if err != nil {
		return fullmakt.Party{}, err
	}
	return n.identified(ctx, fullmakt.OrganisationID(number), "organisation "+number.String())
}

func (n *Node) findPerson(ctx context.Context, text string) (fullmakt.Party, error) {
	id, err := fullmakt.ParseNationalID(text)
	if err != nil {
		return fullmakt.Party{}, err
	}
	return n.identified(ctx, fullmakt.PersonID(id), "person "+id.String())
}

func (n *Node) identified(ctx context.Context, id fullmakt.PartyID, what string) (fullmakt.Party, error) {
	no, ok, err := n.store.Identify(ctx, id)
	if err != nil {
		return fullmakt.Party{}, err
	}
	if !ok {
		return fullmakt.Party{}, notFound("%s is not in the register", what)
	}
	return n.party(ctx, no, what)
}

func (n *Node) findUUID(ctx context.Context, text string) (fullmakt.Party, error) {
	u, err := fullmakt.ParseUUID(text)
	if err != nil {
		return fullmakt.Party{}, err
	}
	p, ok, err := n.store.PartyByUUID(ctx, u)
	if err == nil && !ok {
		err = notFound("no party has the UUID %s", u)
	}
	return p, err
}

func (n *Node) findNumber(ctx context.Context, text string) (fullmakt.Party, error) {
	no, err := strconv.ParseUint(text, 10, 32)
	if err != nil {
		return fullmakt.Party{}, fullmakt.Errorf(fullmakt.CodeInvalid, "party id %q: want a number", text)
	}
	return n.party(ctx, fullmakt.PartyNo(no), "party "+text)
}

func (n *Node) party(ctx context.Context, no fullmakt.PartyNo, what string) (fullmakt.Party, error) {
	found, err := n.store.Parties(ctx, []fullmakt.PartyNo{no})
	if err == nil && len(found) == 0 {
		err = notFound("%s is not in the register", what)
	}
	if err != nil {
		return fullmakt.Party{}, err
	}
	return found[0], nil
}

func notFound(format string, args ...any) error {
	return fullmakt.Errorf(fullmakt.CodeNotFound, format, args...).
		WithHint("check the number or name; a party is known once a register that names it is imported")
}

// firstWordLimit is the greatest register in which a party may be named by its
// first word; beyond it, first words are anything but unambiguous.
const firstWordLimit = 20_000

func (n *Node) findName(ctx context.Context, name string) (fullmakt.Party, error) {
	if user, owner, ok := strings.Cut(name, "@"); ok {
		if number, err := fullmakt.ParseOrgNumber(owner); err == nil {
			return n.identified(ctx, fullmakt.EnterpriseUserID(number, user), fmt.Sprintf("enterprise user %s of %s", user, number))
		}
	}
	found, err := n.store.PartiesNamed(ctx, name, mostCandidates+1)
	if err != nil {
		return fullmakt.Party{}, err
	}
	if len(found) == 0 {
		if found, err = n.byFirstWord(ctx, name); err != nil {
			return fullmakt.Party{}, err
		}
	}
	switch len(found) {
	case 0:
		return fullmakt.Party{}, notFound("nobody in the register is called %q", name)
	case 1:
		return found[0], nil
	}
	e := &AmbiguousError{Ref: name, Candidates: found}
	if len(found) > mostCandidates {
		e.Candidates, e.More = found[:mostCandidates], true
	}
	return fullmakt.Party{}, e
}

func (n *Node) byFirstWord(ctx context.Context, word string) ([]fullmakt.Party, error) {
	head, err := n.store.Head(ctx)
	if err != nil || head.NextParty > firstWordLimit {
		return nil, err
	}
	nos := make([]fullmakt.PartyNo, head.NextParty-1)
	for i := range nos {
		nos[i] = fullmakt.PartyNo(i + 1)
	}
	all, err := n.store.Parties(ctx, nos)
	if err != nil {
		return nil, err
	}
	var found []fullmakt.Party
	folded := fullmakt.FoldName(word)
	for _, p := range all {
		if first, _, _ := strings.Cut(fullmakt.FoldName(p.Name), " "); first == folded {
			found = append(found, p)
		}
	}
	return found, nil
}
