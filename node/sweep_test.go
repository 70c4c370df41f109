package node_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/fullmakt/fullmakt"
	"github.com/fullmakt/fullmakt/catalogue"
	"github.com/fullmakt/fullmakt/node"
)

// TestSweepRecordsDates: a grant's first and last day each become a revision when
// they have passed, once, and the events say so; decisions did not wait.
func TestSweepRecordsDates(t *testing.T) {
	ctx := context.Background()
	c, err := catalogue.Embedded()
	if err != nil {
		t.Fatal(err)
	}
	n, err := node.Open(ctx, node.Options{Catalogue: c})
	if err != nil {
		t.Fatal(err)
	}
	defer n.Close()
	begins, ends := morning.Add(time.Hour), morning.Add(3*time.Hour)
	grant := fullmakt.Grant{From: 1, To: 2, Package: "skatt-naering", Valid: fullmakt.Interval{From: begins.Unix(), To: ends.Unix()}}
	do(t, n, morning, append(accountant(), grant)...)
	var got []string
	after := node.Position{Seq: 1}
	for hour := range 6 {
		at := morning.Add(time.Duration(hour) * time.Hour)
		for range 2 { // the second time there is nothing left to record
			if _, err := n.Sweep(ctx, at); err != nil {
				t.Fatal(err)
			}
		}
		page, err := n.Events(ctx, node.EventsQuery{Organisation: 1, After: after, Limit: 100})
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range page.Events {
			got = append(got, fmt.Sprint(hour, " ", e.Type, " ", e.Data.Use, e.Data.Cause))
		}
		after = page.Next
	}
	const pkg = "[urn:altinn:accesspackage:skatt-naering]"
	want := []string{"1 authority.gained " + pkg, "3 grant.expired []expired", "3 authority.lost " + pkg}
	if fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("%q, want %q", got, want)
	}
	if head := snapshot(t, n); head.Seq() != 3 {
		t.Errorf("%d revisions, want 3", head.Seq())
	}
}
