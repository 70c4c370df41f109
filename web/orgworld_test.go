package web

import (
	"fmt"
	"strings"
	"testing"

	"github.com/fullmakt/fullmakt"
	"github.com/fullmakt/fullmakt/catalogue"
	"github.com/fullmakt/fullmakt/world"
)

// siteOf serves a register written as the lines of a world file.
func siteOf(t *testing.T, register string) *site {
	t.Helper()
	cat, err := catalogue.Embedded()
	if err != nil {
		t.Fatal(err)
	}
	w, err := world.Parse("test", []byte("-- register --\n"+register), cat)
	if err != nil {
		t.Fatal(err)
	}
	return worldSite(t, w, cat)
}

// orgNumber returns the nth made-up organisation number.
func orgNumber(n int) fullmakt.OrgNumber {
	for i := 31_500_000; ; i++ {
		for digit := range 10 {
			if org, err := fullmakt.ParseOrgNumber(fmt.Sprint(i*10 + digit)); err == nil {
				if n--; n < 0 {
					return org
				}
			}
		}
	}
}

// fanOut is an organisation for which so many persons may act: led by as many
// other organisations as it takes for each to bring at most so many.
func fanOut(persons, each int) string {
	var b strings.Builder
	fmt.Fprintf(&b, "organisation %s AS \"Stor AS\"\n", orgNumber(0))
	for i := range persons {
		via := i/each + 1
		if i%each == 0 {
			fmt.Fprintf(&b, "organisation %s AS \"Eier %d AS\"\nrole DAGL at %s holder %[1]s\n", orgNumber(via), via, orgNumber(0))
		}
		fmt.Fprintf(&b, "person born 1970-01-01 \"Person %05d\"\nrole DAGL at %s holder \"Person %05[1]d born 1970-01-01\" since 2020-02-03\n", i, orgNumber(via))
	}
	return b.String()
}
