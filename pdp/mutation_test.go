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

	clientHop    bool // NEST-8 dropped for CLIENT: a client delegated opens the hop to what the client holds
	endedAgent   bool // CLIENT without the agent relation
	anyPackage   bool // CLIENT without isDelegable
	anyBasis     bool // CLIENT over any basis: the one that the delegation names may be gone
	anyAgent     bool // CLIENT for any kind of party
	clientGives  bool // GIVE-1 over CLIENT
	enkGrant     bool // ENK over a grant, also under CLIENT
	anyRight     bool // a grant of one right is as good as one of another
	scopesConfer bool // SCOPE-1 dropped: a scope grant is a grant of the package
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

		"client delegation before a hop":            {clientHop: true},
		"agent relation ended":                      {endedAgent: true},
		"package not open to client delegation":     {anyPackage: true},
		"basis of a client delegation gone":         {anyBasis: true},
		"an agent of any kind":                      {anyAgent: true},
		"client delegation given on":                {clientGives: true},
		"sole proprietorship over a grant":          {enkGrant: true},
		"any right for another":                     {anyRight: true},
		"scope grant as a grant of scopes' package": {scopesConfer: true},
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
