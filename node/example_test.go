package node_test

import (
	"context"
	"fmt"
	"log"
	"time"

	"github.com/fullmakt/fullmakt/catalogue"
	"github.com/fullmakt/fullmakt/node"
	"github.com/fullmakt/fullmakt/pdp"
	"github.com/fullmakt/fullmakt/world"
)

// The engine inside a program of one's own: open a register, here the demo's in
// memory, take a snapshot of it, and ask. May Ola act for Bergen AS? No: he is one
// hop too far away. Kari is not.
func Example() {
	ctx := context.Background()
	cat, err := catalogue.Embedded()
	if err != nil {
		log.Fatal(err)
	}
	demo, err := world.Demo(cat)
	if err != nil {
		log.Fatal(err)
	}
	n, err := node.Open(ctx, node.Options{Catalogue: cat, World: demo})
	if err != nil {
		log.Fatal(err)
	}
	defer n.Close()
	snap, err := n.Snapshot(ctx)
	if err != nil {
		log.Fatal(err)
	}

	bergen, err := n.Find(ctx, "310000019")
	if err != nil {
		log.Fatal(err)
	}
	pkg, ok := cat.FindPackage("delegerbare-maskinporten-scopes")
	if !ok {
		log.Fatal("the catalogue lacks the package")
	}
	for _, name := range []string{"Ola Hansen", "Kari Nordmann"} {
		subject, err := n.Find(ctx, name)
		if err != nil {
			log.Fatal(err)
		}
		q := pdp.Ask(subject.No, bergen.No, time.Date(2026, time.March, 3, 12, 0, 0, 0, time.UTC).Unix())
		q.Package = pkg.ID

		d := pdp.Decide(snap, q) // allocates nothing
		fmt.Println(name, d.Allowed, d.Reason)

		x := pdp.Explain(snap, q)
		for _, path := range x.Paths {
			fmt.Println("  by rule", path.Rule)
			for _, step := range path.Steps {
				fmt.Printf("    at %s: %s is %s since %s\n", snap.Name(step.At), snap.Name(step.Holder), snap.RoleCode(step.Role), step.Since)
			}
		}
		for _, miss := range x.NearMisses {
			fmt.Println("  but for rule", miss.Rule, "along", len(miss.Steps), "steps")
		}
	}

	// Output:
	// Ola Hansen false nesting_limit
	//   but for rule NEST-3 along 3 steps
	// Kari Nordmann true held_via_nesting
	//   by rule NEST
	//     at Bergen AS: Trondheim AS is DAGL since 2024-01-10
	//     at Trondheim AS: Kari Nordmann is DAGL since 2023-05-02
}
