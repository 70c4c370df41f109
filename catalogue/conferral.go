package catalogue

import "slices"

// fillConferrals works out what each role gives at each form. Most roles give the
// same at every form, and share one Conferral there.
func (v *View) fillConferrals(rows []Mapping) {
	v.conferrals = make([]Conferral, 1, 2*len(v.roles))
	v.confer = make([]uint16, len(v.roles)*v.forms)
	byRole := make([][]Mapping, len(v.roles))
	for _, m := range rows {
		if m.Access {
			byRole[m.Role] = append(byRole[m.Role], m)
		}
	}
	for r, mine := range byRole {
		if len(mine) == 0 {
			continue
		}
		byForm := v.confer[r*v.forms : (r+1)*v.forms]
		others := v.conferral(mine, 0)
		for f := range byForm {
			byForm[f] = others
		}
		for _, m := range mine {
			if m.Form != 0 && byForm[m.Form] == others {
				byForm[m.Form] = v.conferral(mine, m.Form)
			}
		}
	}
}

// conferral works out what the mappings of one role give at form f, and returns
// its index. At f = 0 only mappings for any form count.
func (v *View) conferral(mine []Mapping, f FormID) uint16 {
	var c Conferral
	for _, m := range mine {
		if m.Form != 0 && m.Form != f {
			c.OtherForm.Add(m.Package)
			continue
		}
		c.Use.Add(m.Package)
		if m.Delegate {
			c.Give.Add(m.Package)
		}
	}
	c.OtherForm = c.OtherForm.Minus(c.Use)
	v.conferrals = append(v.conferrals, c)
	return uint16(len(v.conferrals) - 1)
}

// fillMainAdmin works out what the role hovedadministrator may give at each form.
func (v *View) fillMainAdmin(rows []Mapping, admin RoleID) {
	v.mainAdmin = make([]PackageSet, v.forms)
	for _, m := range rows {
		if m.Role != admin || !m.Delegate {
			continue
		}
		if m.Form != 0 {
			v.mainAdmin[m.Form].Add(m.Package)
			continue
		}
		for f := range v.mainAdmin {
			v.mainAdmin[f].Add(m.Package)
		}
	}
}

// fillBound works out which packages are bound to forms.
func (v *View) fillBound(rows []Mapping) {
	v.bound = make([][]FormID, len(v.packages))
	var free PackageSet
	for _, m := range rows {
		if m.Form == 0 {
			free.Add(m.Package)
		}
	}
	for _, m := range rows {
		if forms := v.bound[m.Package]; !free.Has(m.Package) && !slices.Contains(forms, m.Form) {
			v.bound[m.Package] = append(forms, m.Form)
		}
	}
	v.boundElsewhere = make([]PackageSet, v.forms)
	for p, forms := range v.bound {
		slices.Sort(forms)
		for f := range v.boundElsewhere {
			if forms != nil && !slices.Contains(forms, FormID(f)) {
				v.boundElsewhere[f].Add(PackageID(p))
			}
		}
	}
}
