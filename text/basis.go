package text

import "github.com/fullmakt/fullmakt"

// Basis tells in a few words what a path rests on, for who knows both ends:
// "daglig leder", or "via Trondheim AS, daglig leder" where it comes over somebody
// else.
func (t *Texts) Basis(p Path) string {
	if p.Base == fullmakt.RuleSelf || len(p.Steps) == 0 {
		return t.Why(fullmakt.ReasonSelf)
	}
	basis := t.Step(p.Steps[0])
	if len(p.Steps) > 1 {
		basis = t.Say("basis.via", "party", p.Steps[0].Holder.Label(), "basis", basis)
	}
	switch p.Extension {
	case fullmakt.RuleSub:
		return t.Say("basis.main", "basis", basis, "party", p.Via.Label())
	case fullmakt.RuleENK:
		return t.Say("basis.proprietor", "basis", basis, "party", p.Via.Label())
	}
	return basis
}
