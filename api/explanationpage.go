package api

import (
	"net/url"
	"strconv"
	"strings"

	"github.com/fullmakt/fullmakt"
	"github.com/fullmakt/fullmakt/index"
	"github.com/fullmakt/fullmakt/registry"
	"github.com/fullmakt/fullmakt/xacml"
)

// headerExplanationPage leads from a decision that is no Permit to the page that
// explains it. The body has no place for it, and stays as the standards have it.
const headerExplanationPage = "X-Fullmakt-Explanation-Page"

// WithPages tells that pages for people are served beside the APIs: a decision that
// is no Permit carries the address of its explanation in a header.
func WithPages() Option { return func(s *Server) { s.pages = true } }

// explanationPage returns the address of the page that explains a decision, with
// names and values of what was asked about; "" where no pages are served, for
// parties that are not known, and for words of the caller's own that might be an
// identity number. Parties stand in it by organisation number or party number.
func (s *Server) explanationPage(snap *index.Snapshot, subject, object fullmakt.PartyNo, asked ...string) string {
	if !s.pages || subject == 0 || object == 0 {
		return ""
	}
	query := url.Values{"subject": {pageRef(snap, subject)}, "for": {pageRef(snap, object)}}
	for i := 0; i+1 < len(asked); i += 2 {
		if len(digitsOf(asked[i+1])) >= 11 {
			return ""
		}
		query.Set(asked[i], asked[i+1])
	}
	return s.cfg.PublicURL + "/check?" + query.Encode()
}

// digitsOf leaves out what is no digit.
func digitsOf(s string) string {
	return strings.Map(func(r rune) rune {
		if r < '0' || r > '9' {
			return -1
		}
		return r
	}, s)
}

// pageRef is how the pages name a party in an address.
func pageRef(snap *index.Snapshot, p fullmakt.PartyNo) string {
	if id := snap.ID(p); id.Kind == fullmakt.KindOrganisation {
		return id.Org.String()
	}
	return "p" + strconv.FormatUint(uint64(p), 10)
}

// leadToPage sets the header for an evaluation that says no. The pages tell of now,
// and of the registers' own policies: an evaluation about another time or of a
// tenant's has none.
func (e *evaluator) leadToPage(q *question, v *verdict) {
	if !e.s.pages || v.allowed || v.failed != nil || v.dated || e.tenant != nil {
		return
	}
	var asked []string
	switch {
	case v.service != nil && v.service.version != "":
		asked = []string{"resource", v.service.resource, "action", string(q.action.name)}
	case v.service != nil:
		return
	default:
		a, known := e.findAct(q.action.name)
		if !known {
			return
		}
		kind := "package"
		if a.role != 0 {
			kind = "role"
		}
		asked = []string{kind, a.code(e.snap)}
	}
	if page := e.s.explanationPage(e.snap, v.subject, v.object, asked...); page != "" {
		e.c.w.Header().Set(headerExplanationPage, page)
	}
}

// pageOf is the address for one result of a XACML response, as the header has it;
// "none" for a Permit, and where there is no page.
func (c *call) pageOf(snap *index.Snapshot, q *registry.Question, a *registry.Answer) string {
	if a.Decision != xacml.Permit && a.Policy != nil {
		if page := c.server.explanationPage(snap, q.Subject, q.For, "resource", a.Policy.Resource, "action", q.Action); page != "" {
			return page
		}
	}
	return "none"
}
