package pdp_test

import (
	"fmt"
	"slices"
	"time"
	_ "time/tzdata"

	"github.com/fullmakt/fullmakt"
	"github.com/fullmakt/fullmakt/catalogue"
)

// The shape in which the answers of engine and reference are compared.

// question is what is asked about a pair: a package, a role, a single right, or
// (none named) anything.
type question struct {
	pkg   catalogue.PackageID // NoPackage for none
	role  fullmakt.RoleCode   // "" for none
	right string              // resource/right; "" for none
}

type answer struct {
	allowed, mayGive, uncertain bool
	reason                      fullmakt.Reason
	giveRule                    fullmakt.Rule
	state                       fullmakt.OrgState
	paths, misses               []trail
	inconsistent                string // what the engine's own answers disagree on
}

// trail is a path, or with a reason a near miss.
type trail struct {
	base, extension fullmakt.Rule
	via             fullmakt.PartyNo
	reason          fullmakt.Reason
	give            bool   // a path over which what was asked for may be given on, by an administrator
	steps           []step // from the one acted for towards the subject
}

// step is a basis or a link: a role or a grant that holder has at a party.
type step struct {
	kind       string // role, grant, eckey; self; client, agent
	at, holder fullmakt.PartyNo
	role       fullmakt.RoleCode // of a role; ECKEY
	derived    bool              // FORM-1
	pkg        string            // of a grant, or a client delegation
	right      string            // of a grant: resource/right
	since      fullmakt.Date
	source     fullmakt.Source
	valid      fullmakt.Interval
	ended      bool // not compared
}

// registered tells a role from a grant and from ECKEY.
func (s step) registered() bool { return s.kind == "role" || s.kind == "self" }

func (t trail) String() string {
	s := fmt.Sprint(t.base)
	if t.extension != "" {
		s += fmt.Sprint("+", t.extension, " via ", t.via)
	}
	if t.give {
		s += " to give"
	}
	if t.reason != "" {
		s += fmt.Sprint(" but ", t.reason)
	}
	for _, x := range t.steps {
		s += fmt.Sprintf(" | %d: %s %s%s%s of %d", x.at, x.kind, x.role, x.pkg, x.right, x.holder)
		if x.derived {
			s += " derived"
		}
		if x.since != 0 {
			s += fmt.Sprint(" since ", x.since)
		}
		if x.source != 0 {
			s += fmt.Sprint(" from ", x.source)
		}
		if x.valid != (fullmakt.Interval{}) {
			s += fmt.Sprint(" valid ", x.valid)
		}
	}
	return s
}

// lines writes trails in an order that does not depend on how they were found.
func lines(trails []trail) (lines []string) {
	for _, t := range trails {
		lines = append(lines, t.String())
	}
	slices.Sort(lines)
	return lines
}

var oslo = must(time.LoadLocation("Europe/Oslo"))

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}
