package audit

import (
	"context"
	"iter"
	"slices"
	"time"

	"github.com/fullmakt/fullmakt"
)

// Filter chooses entries. Its zero value chooses every look-up. A condition whose
// value is zero is none; all others must hold.
type Filter struct {
	From, To     time.Time          // From <= time < To
	Party        fullmakt.PartyNo   // as subject, object or user, of a part of a batch too
	Subject      fullmakt.PartyNo   // of a part of a batch too
	Object       fullmakt.PartyNo   // of a part of a batch too
	Client       string             // the client's id
	Organisation fullmakt.OrgNumber // that asked, or on whose behalf was asked
	API          string
	Operation    string
	Outcome      Outcome // of a part of a batch too
	Request      string
	Notes        bool // also the log's own notes, which carry no other condition than time

	After uint64 // only entries with a greater number: Page.Next of the page before
	Limit int    // how many a page holds, 1 to 1000; 0 for 100
}

// MaxPage is how many entries a page of Query holds at most.
const MaxPage = 1000

// Page is some entries of a log, in their order.
type Page struct {
	Entries []Entry
	Next    uint64 // Filter.After of the next page; 0 when there is none
}

// Query returns a page of the entries that a filter chooses, oldest first. It may
// run while the log is written; Log.Sync before it makes sure that everything is
// there. Errors have code CodeInvalid for a wrong limit, CodeNotFound when there
// is no log, CodeUnavailable when it is damaged or cannot be read.
func Query(ctx context.Context, dir string, f Filter) (Page, error) {
	if f.Limit < 0 || f.Limit > MaxPage {
		return Page{}, fullmakt.Errorf(fullmakt.CodeInvalid, "a page holds 1 to %d look-ups", MaxPage)
	}
	if f.Limit == 0 {
		f.Limit = 100
	}
	var page Page
	for e, err := range Entries(ctx, dir, f) {
		if err != nil {
			return Page{}, err
		}
		if len(page.Entries) == f.Limit {
			page.Next = page.Entries[f.Limit-1].N
			break
		}
		page.Entries = append(page.Entries, e)
	}
	return page, nil
}

// Entries yields every entry that a filter chooses, oldest first; Filter.Limit
// does not count. An error ends it.
func Entries(ctx context.Context, dir string, f Filter) iter.Seq2[Entry, error] {
	return func(yield func(Entry, error) bool) {
		numbers, err := segments(dir)
		if err == nil {
			numbers, err = relevant(dir, numbers, &f)
		}
		if err != nil {
			yield(Entry{}, err)
			return
		}
		for l, err := range eachEntry(ctx, dir, numbers) {
			if err != nil {
				yield(Entry{}, err)
				return
			}
			if f.Matches(&l.entry) && !yield(l.entry, nil) {
				return
			}
		}
	}
}

// relevant leaves out the segments that lie wholly before Filter.After, which
// makes a later page as cheap as the first. Times do not decide: a record may
// carry a somewhat earlier time than the one before it.
func relevant(dir string, numbers []uint64, f *Filter) ([]uint64, error) {
	for len(numbers) > 1 && f.After > 0 {
		next, ok, err := firstEntry(dir, numbers[1])
		if err != nil {
			return nil, err
		}
		if !ok || next.N > f.After+1 {
			break
		}
		numbers = numbers[1:]
	}
	return numbers, nil
}

// Matches reports whether the filter chooses an entry.
func (f *Filter) Matches(e *Entry) bool {
	switch {
	case e.N <= f.After,
		!f.From.IsZero() && e.Time.Before(f.From),
		!f.To.IsZero() && !e.Time.Before(f.To):
		return false
	case e.Kind != KindLookup:
		return f.Notes
	case f.Client != "" && e.Client != f.Client,
		f.Organisation != 0 && e.Organisation != f.Organisation && e.Supplier != f.Organisation,
		f.API != "" && e.API != f.API,
		f.Operation != "" && e.Operation != f.Operation,
		f.Request != "" && e.Request != f.Request,
		f.Party != 0 && e.User != f.Party && !matchesParts(e, Filter{Party: f.Party}):
		return false
	}
	return matchesParts(e, Filter{Subject: f.Subject, Object: f.Object, Outcome: f.Outcome})
}

// matchesParts reports whether an entry, or one part of a batch, fulfils all of
// the conditions on parties and outcome.
func matchesParts(e *Entry, want Filter) bool {
	fits := func(i Item) bool {
		return (want.Party == 0 || i.Subject == want.Party || i.Object == want.Party) &&
			(want.Subject == 0 || i.Subject == want.Subject) &&
			(want.Object == 0 || i.Object == want.Object) &&
			(want.Outcome == "" || i.Outcome == want.Outcome)
	}
	return fits(Item{Subject: e.Subject, Object: e.Object, Outcome: e.Outcome}) || slices.ContainsFunc(e.Items, fits)
}
