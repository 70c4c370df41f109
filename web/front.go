package web

import (
	"sync/atomic"

	"github.com/fullmakt/fullmakt"
	"github.com/fullmakt/fullmakt/index"
	"github.com/fullmakt/fullmakt/text"
)

func frontRoutes() []route {
	return []route{
		{method: "GET", pattern: "/{$}", handle: front, free: true},
		{method: "GET", pattern: "/tilgjengelighet", handle: accessibility, free: true},
	}
}

// frontPage is what the front page shows.
type frontPage struct {
	searchForm
	Register string
	Ready    bool
	Stats    index.Stats
	Revision fullmakt.Seq
	Imported string
	Stale    string
	Try      []text.Party // parties of the demo to begin with
}

// demoTry are the demo's organisations that show most.
var demoTry = []fullmakt.OrgNumber{310000019, 310000051, 310000078}

// counts keeps what a snapshot holds, which takes a walk through all of it to count.
type counts struct{ last atomic.Pointer[counted] }

type counted struct {
	snap  *index.Snapshot
	stats index.Stats
}

// of counts what a snapshot holds, once for each.
func (c *counts) of(s *index.Snapshot) index.Stats {
	if last := c.last.Load(); last != nil && last.snap == s {
		return last.stats
	}
	stats := s.Stats()
	c.last.Store(&counted{s, stats})
	return stats
}

func front(v *view) error {
	if lang, ok := text.ParseLang(v.r.URL.Query().Get("lang")); ok && lang != v.lang { // the address of earlier versions
		return v.redirectTo(address(lang, "/"))
	}
	register, err := v.node.Register(v.r.Context())
	if err != nil {
		return err
	}
	body := frontPage{searchForm: v.searchForm("", true), Register: v.RegisterName(v.texts), Revision: register.Revision, Stale: register.Stale}
	if !register.ImportedAt.IsZero() && !v.Invented { // what is made up was not read at any time
		body.Imported = text.Clock(register.ImportedAt.In(v.oslo))
	}
	if v.snap != nil {
		body.Ready, body.Stats = true, v.counts.of(v.snap)
		if v.Demo {
			for _, n := range demoTry {
				if no := v.snap.Organisation(n); no != 0 {
					body.Try = append(body.Try, v.party(no))
				}
			}
		}
	}
	return v.show("front", &page{Title: v.say("web.front.title"), Menu: "/", Body: body})
}

// accessibility shows the draft of the accessibility statement that the law asks
// for (forskrift om universell utforming av IKT-løsninger § 4 b), for an operator to
// complete.
func accessibility(v *view) error {
	return v.show("accessibility", &page{Title: v.say("web.accessibility.title")})
}
