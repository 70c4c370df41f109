package pdp_test

import (
	"testing"
)

// wrongRule plants wrong rules in the reference. The zero value is right.
type wrongRule struct {
	twoHops    bool // NEST-3 dropped: two hops are as good as one
	noIKS      bool // NEST-6 dropped
	anyForm    bool // FORM-2 dropped: the form of a mapping is ignored
	deadHolder bool // LIFE-1 dropped for persons
	anyLink    bool // NEST-4 dropped: every role and grant opens the hop
	subUpwards bool // SUB upwards too: a main unit takes its sub-units' authority
	enkOneWay  bool // ENK missing from the list of who acts for a person
	noENK      bool // how enkOneWay is done
}

// TestPlantedWrongRulesAreCaught proves that the random worlds have the power to
// see each rule: against a reference with one rule wrong, the engine must soon be
// found to differ.
func TestPlantedWrongRulesAreCaught(t *testing.T) {
	const most = 50_000
	gen, cats := worlds(), catalogues()
	for name, wrong := range map[string]wrongRule{
		"two hops":                   {twoHops: true},
		"no IKS exception":           {noIKS: true},
		"form of mapping ignored":    {anyForm: true},
		"dead holder allowed":        {deadHolder: true},
		"key-role filter dropped":    {anyLink: true},
		"sub-unit upwards":           {subUpwards: true},
		"ENK one way only, in lists": {enkOneWay: true},
	} {
		t.Run(name, func(t *testing.T) {
			asked := 0
			for seed := 1; asked < most; seed++ {
				caught, n := differs(cats, gen.Example(seed), wrong)
				if asked += n; caught {
					t.Logf("caught after %d questions in %d worlds", asked, seed)
					return
				}
			}
			t.Errorf("not caught by %d questions", asked)
		})
	}
}

// differs reports whether engine and reference differ over a world, and how many
// questions that took.
func differs(cats worldCatalogues, w world, wrong wrongRule) (caught bool, asked int) {
	type found struct{}
	d := differ{wrong: wrong, fail: func(string, ...any) { panic(found{}) }}
	defer func() {
		asked = d.asked
		if r := recover(); r != nil {
			if _, caught = r.(found); !caught {
				panic(r)
			}
		}
	}()
	d.world(cats, w)
	return false, d.asked
}
