package api

import (
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/fullmakt/fullmakt"
	"github.com/fullmakt/fullmakt/catalogue"
	"github.com/fullmakt/fullmakt/index"
	"github.com/fullmakt/fullmakt/node"
	"github.com/fullmakt/fullmakt/pdp"
)

// search is one search request: a question with one part open.
type search struct {
	*evaluator
	q    *question
	page paging
	kind idKind // of the parties sought
	// sought is the part of the question that is open.
	sought string
	act    act
	// whole is the party that the question names; both ends for actions.
	whole, other fullmakt.PartyNo
	business     bool // leave out organisations that do no business (rule PRIV-1)

	at    int64
	after uint32
	limit int
}

// found is what a search answers with.
type found struct {
	results []byte // the elements of the array
	count   int
	next    uint32 // where the next page begins after; 0 for none
}

// searchSubject answers who may act on behalf of a party with a package or role.
func (s *Server) searchSubject(c *call) error {
	return s.search(c, "subject", func(x *search) string {
		return firstOf(x.q.subject.missingType("subject"), x.q.action.missing(), x.q.resource.missing("resource"), x.q.context.fault)
	}, func(x *search) (found, error) {
		return x.parties(x.q.subject.kind, func(after fullmakt.PartyNo, limit int, f pdp.Filter) ([]pdp.Pair, fullmakt.PartyNo) {
			return pdp.WhoActsFor(x.snap, x.whole, x.at, f, after, limit)
		}, func(p pdp.Pair) fullmakt.PartyNo { return p.Subject })
	})
}

// searchResource answers for whom a party may act with a package or role.
func (s *Server) searchResource(c *call) error {
	return s.search(c, "resource", func(x *search) string {
		return firstOf(x.q.subject.missing("subject"), x.q.action.missing(), x.q.resource.missingType("resource"), x.q.context.fault)
	}, func(x *search) (found, error) {
		return x.parties(x.q.resource.kind, func(after fullmakt.PartyNo, limit int, f pdp.Filter) ([]pdp.Pair, fullmakt.PartyNo) {
			return pdp.ActsFor(x.snap, x.whole, x.at, f, after, limit)
		}, func(p pdp.Pair) fullmakt.PartyNo { return p.For })
	})
}

// searchAction answers which packages and roles a party has for another.
func (s *Server) searchAction(c *call) error {
	return s.search(c, "action", func(x *search) string {
		return firstOf(x.q.subject.missing("subject"), x.q.resource.missing("resource"), x.q.context.fault)
	}, (*search).actions)
}

func firstOf(list ...string) string {
	for _, s := range list {
		if s != "" {
			return s
		}
	}
	return ""
}

// search reads a request, finds what it names, and answers with a page. What is
// not known (a party, a type, a package) has no results; that is no error.
func (s *Server) search(c *call, sought string, wrong func(*search) string, list func(*search) (found, error)) error {
	a, err := c.asked()
	if err != nil {
		return err
	}
	e, err := c.evaluator(a)
	if err != nil {
		return err
	}
	x := &search{evaluator: e, q: &a.question, page: a.page, sought: sought, at: c.now.Unix(), limit: s.cfg.Limits.Page}
	if wrong := wrong(x); wrong != "" {
		return statusf(http.StatusBadRequest, "%s", wrong)
	}
	if err := e.fresh(x.q); err != nil {
		return err
	}
	if x.q.context.dated {
		x.at = x.q.context.time.Unix()
	}
	if string(x.q.resource.typ) == serviceType {
		return x.services()
	}
	known, err := x.resolve(sought)
	if err != nil {
		return err
	}
	if !known {
		return x.answer(found{}, "")
	}
	digest := x.digest(sought)
	if err := x.turn(sought, digest); err != nil {
		var before *node.BeforeHistoryError
		if errors.As(err, &before) {
			return x.answer(found{}, "")
		}
		return err
	}
	f, err := list(x)
	if err != nil {
		return err
	}
	next := ""
	if f.next != 0 {
		s.pinned.keep(x.snap, c.now)
		next = pageToken{
			Question: digest, Seq: x.snap.Seq(), RevisionAt: x.snap.At().Unix(), At: x.at, After: f.next, Limit: uint32(x.limit),
		}.seal(s.pageKey)
	}
	return x.answer(f, next)
}

// resolve finds what the question names, and reports whether all of it is known.
func (x *search) resolve(sought string) (bool, error) {
	if sought != "action" {
		a, known := findAct(x.snap, x.q.action.name)
		if limit := x.c.caller.limit; limit != nil && (!known || !limit.allows(a)) {
			return false, statusf(http.StatusForbidden, "this consumer may not ask about that action")
		}
		if !known {
			return false, nil
		}
		x.act = a
	}
	var err error
	if sought != "subject" {
		if x.whole, err = x.s.findParty(x.ctx, x.snap, x.q.subject.kind, x.q.subject.id); err != nil || x.whole == 0 {
			return false, err
		}
	}
	if sought != "resource" {
		party, err := x.s.findParty(x.ctx, x.snap, x.q.resource.kind, x.q.resource.id)
		if err != nil || party == 0 {
			return false, err
		}
		if sought == "subject" {
			x.whole = party
		} else {
			x.other = party
		}
	}
	switch sought {
	case "subject":
		x.kind = x.q.subject.kind
	case "resource":
		x.kind = x.q.resource.kind
	}
	if sought != "action" && x.kind == otherKind {
		return false, nil
	}
	if sought == "resource" {
		return true, x.private()
	}
	return true, nil
}

// private applies rule PRIV-1: the list of what a real person holds needs a
// purpose, and only purposes on the operator's list cover organisations that do no
// business.
func (x *search) private() error {
	id := x.snap.ID(x.whole)
	if id.Kind != fullmakt.KindPerson || id.Person.Synthetic() {
		return nil
	}
	purpose := strings.TrimSpace(string(x.q.context.purpose))
	if purpose == "" {
		purpose = x.c.caller.purpose
	}
	if purpose == "" {
		return statusf(http.StatusForbidden, "to list what a person holds takes a purpose (rule PRIV-1)").hinted("say why in context.purpose")
	}
	x.c.lookup.Must = true // whatever the level of the log
	x.business = !slices.ContainsFunc(x.s.cfg.Purposes, func(p string) bool { return strings.EqualFold(strings.TrimSpace(p), purpose) })
	return nil
}

// digest tells one list from another: what is asked, of whom, and by whom.
func (x *search) digest(sought string) (out [16]byte) {
	b := append([]byte(sought), 0)
	b = append(b, byte(x.kind))
	b = binary.BigEndian.AppendUint32(b, uint32(x.whole))
	b = binary.BigEndian.AppendUint32(b, uint32(x.other))
	b = binary.BigEndian.AppendUint16(b, uint16(x.act.pkg))
	b = strconv.AppendQuote(b, string(x.snap.RoleCode(x.act.role)))
	b = strconv.AppendBool(b, x.business)
	if b = strconv.AppendBool(b, x.q.context.dated); x.q.context.dated {
		b = binary.BigEndian.AppendUint64(b, uint64(x.q.context.time.Unix()))
	}
	sum := sha256.Sum256(append(b, x.c.caller.key()...))
	copy(out[:], sum[:])
	return out
}

// turn goes to the page asked for: it reads the token, and brings the register to
// the revision that the list began at.
func (x *search) turn(sought string, digest [16]byte) error {
	if x.page.hasLimit && x.page.limit > 0 {
		x.limit = min(x.page.limit, x.limit)
	}
	if len(x.page.token) == 0 {
		return x.rewind(sought, 0, time.Unix(x.at, 0))
	}
	t, ok := openPage(x.s.pageKey, x.page.token)
	switch {
	case !ok:
		return statusf(http.StatusBadRequest, "page.token is none that was given here").hinted("begin again without it")
	case t.Question != digest:
		return statusf(http.StatusBadRequest, "page.token belongs to another search").hinted("ask with the same entities as for the page before")
	case x.page.hasLimit && uint32(x.limit) != t.Limit:
		return statusf(http.StatusBadRequest, "page.limit is another than for the page before")
	}
	x.at, x.after, x.limit = t.At, t.After, int(t.Limit)
	return x.rewind(sought, t.Seq, time.Unix(t.RevisionAt, 0))
}

// rewind brings the register to a revision made at a time. Without a revision it
// brings it to the time asked about.
func (x *search) rewind(sought string, seq fullmakt.Seq, at time.Time) error {
	head := x.snap
	switch {
	case seq == head.Seq(), seq == 0 && (!x.q.context.dated || x.at >= head.At().Unix()):
		return nil
	case seq != 0:
		if s := x.s.pinned.find(seq, x.c.now); s != nil {
			x.use(s)
			return nil
		}
	}
	var s *index.Snapshot
	var err error
	switch sought {
	case "resource":
		s, err = x.s.node.Reach(x.ctx, at, x.whole)
	case "subject":
		s, err = x.s.node.Around(x.ctx, at, x.whole)
	default:
		s, err = x.s.node.Around(x.ctx, at, x.whole, x.other)
	}
	if err != nil {
		return err
	}
	if seq != 0 && s.Seq() != seq {
		return statusf(http.StatusBadRequest, "the revision that page.token belongs to cannot be had any more").hinted("begin again without it")
	}
	x.use(s)
	return nil
}

// use answers from another snapshot. Codes that the catalogue lacks are numbered
// by each.
func (x *search) use(s *index.Snapshot) {
	if x.act.role != 0 {
		x.act.role = s.RoleID(x.snap.RoleCode(x.act.role))
	}
	x.snap = s
}

// chunk is how many candidates are taken at a time once it has shown that many of
// them are not of the type sought.
const chunk = 4096

// parties lists the parties of the type sought.
func (x *search) parties(kind idKind, list func(fullmakt.PartyNo, int, pdp.Filter) ([]pdp.Pair, fullmakt.PartyNo), end func(pdp.Pair) fullmakt.PartyNo) (found, error) {
	f := pdp.Filter{Package: x.act.pkg, Role: x.act.role, BareRoles: true, BusinessOnly: x.business}
	var page []fullmakt.PartyNo
	more := false
	for after, size := fullmakt.PartyNo(x.after), x.limit+1; !more; size = max(size, chunk) {
		if x.ctx.Err() != nil {
			return found{}, statusf(http.StatusServiceUnavailable, "the search takes longer than a request may").hinted("ask with a smaller page.limit")
		}
		pairs, next := list(after, size, f)
		for _, p := range pairs {
			party := end(p)
			if x.act.role == 0 && !p.Use.Has(x.act.pkg) || p.Uncertain && !x.s.cfg.AllowUncertain || !x.nameable(kind, party) {
				continue
			}
			if more = len(page) == x.limit; more {
				break
			}
			page = append(page, party)
		}
		if after = next; next == 0 {
			break
		}
	}
	out := found{count: len(page)}
	if more {
		out.next = uint32(page[len(page)-1])
	}
	ids, err := x.ids(kind, page)
	if err != nil {
		return found{}, err
	}
	for i, id := range ids {
		if i > 0 {
			out.results = append(out.results, ',')
		}
		out.results = append(append(append(out.results, `{"type":"`...), kindURNs[kind]...), `","id":"`...)
		out.results = append(append(out.results, id...), '"', '}')
	}
	return out, nil
}

// nameable reports whether a party can be named by a kind of id. A person known
// only by birth date and name has no identity number.
func (x *search) nameable(kind idKind, p fullmakt.PartyNo) bool {
	n := x.snap.Node(p)
	return kind.names(n.Kind) && (kind != personNumberKind || n.Flags&index.Uncertain == 0)
}

// ids returns the ids of parties, all or an error.
func (x *search) ids(kind idKind, parties []fullmakt.PartyNo) ([]string, error) {
	ids := make([]string, len(parties))
	if !kind.byUUID() {
		for i, p := range parties {
			switch id := x.snap.ID(p); kind {
			case orgNumberKind:
				ids[i] = id.Org.String()
			case personNumberKind:
				ids[i] = id.Person.Reveal()
			default:
				ids[i] = strconv.FormatUint(uint64(p), 10)
			}
		}
		return ids, nil
	}
	known, err := x.s.node.Store().Parties(x.ctx, parties)
	if err != nil {
		return nil, err
	}
	uuids := make(map[fullmakt.PartyNo]fullmakt.UUID, len(known))
	for _, p := range known {
		uuids[p.No] = p.UUID
	}
	for i, p := range parties {
		u, ok := uuids[p]
		if !ok {
			return nil, statusf(http.StatusBadRequest, "the register has moved on").hinted("begin again without page.token")
		}
		ids[i] = u.String()
	}
	return ids, nil
}

// actions lists the packages and roles that one party has for another: packages
// in the catalogue's order, then roles in theirs, then those that only the
// register knows.
func (x *search) actions() (out found, err error) {
	packages := len(x.snap.Catalogue().Packages())
	for i := int(x.after); ; i++ {
		a := act{pkg: catalogue.PackageID(i)}
		if i >= packages {
			if a = (act{pkg: catalogue.NoPackage, role: catalogue.RoleID(i - packages + 1)}); x.snap.RoleCode(a.role) == "" {
				return out, nil
			}
		}
		if !x.c.caller.limit.allows(a) {
			continue
		}
		d := pdp.Decide(x.snap, pdp.Query{Subject: x.whole, For: x.other, Package: a.pkg, Role: a.role, At: x.at})
		if !d.Allowed || d.Uncertain && !x.s.cfg.AllowUncertain {
			continue
		}
		if out.count == x.limit {
			out.next = uint32(i)
			return out, nil
		}
		if out.count > 0 {
			out.results = append(out.results, ',')
		}
		out.results = append(appendText(append(out.results, `{"name":`...), a.name(x.snap)), '}')
		out.count++
	}
}

// answer writes a page. Its page member stands first, so that a reader of a stream
// knows at once whether there is more.
func (x *search) answer(f found, next string) error {
	x.account(f.count)
	out := append(make([]byte, 0, len(f.results)+384), `{"page":{"next_token":"`...)
	out = append(append(out, next...), `","count":`...)
	out = strconv.AppendInt(out, int64(f.count), 10)
	out = append(out, `},"results":[`...)
	out = append(out, f.results...)
	out = append(out, `],"context":{"revision":"`...)
	out = appendRevision(out, x.snap.Seq())
	out = append(out, `","evaluated_at":"`...)
	out = append(append(out, x.nowText...), '"')
	if x.at != x.c.now.Unix() {
		out = append(out, `,"time":"`...)
		out = append(time.Unix(x.at, 0).UTC().AppendFormat(out, time.RFC3339), '"')
	}
	if x.business {
		out = append(out, `,"business_only":true`...)
	}
	authzenOK(x.c, append(out, '}', '}'))
	return nil
}
