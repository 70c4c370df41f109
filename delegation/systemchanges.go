package delegation

import (
	"slices"

	"github.com/fullmakt/fullmakt"
)

// Change requests (endringsforespørsler): a vendor asks that a standing system user
// get what its system needs by now, and lose what it needs no longer.

// AskForChange returns a vendor's change request as it stands, and the changes that
// send it: none when nothing needs to change, or when the same request waits
// already, which is then the one returned. The system user is named by k.User, or by
// system, owner and external reference.
func (a *Acting) AskForChange(k SystemAsk) (SystemAsk, *Outcome, error) {
	k, needed, err := a.checkChange(k)
	if err != nil {
		return k, nil, err
	}
	if needed.empty() {
		return k, &Outcome{}, nil
	}
	k, out := a.send(k)
	return k, out, nil
}

// ChangeNeeded returns of a change request what is not so already, and changes
// nothing. It is checked as AskForChange checks it.
func (a *Acting) ChangeNeeded(k SystemAsk) (SystemAsk, error) {
	_, needed, err := a.checkChange(k)
	return needed, err
}

// checkChange checks a change request and writes its names as the catalogue and the
// registry do; needed has of it what is not so already.
func (a *Acting) checkChange(k SystemAsk) (checked, needed SystemAsk, err error) {
	var rs refusals
	u, ok := FindSystemUser(a.Snapshot, k.User)
	if k.User == "" {
		u, ok = SystemUserByReference(a.Snapshot, k.System, k.Owner, k.Reference)
	}
	if !ok {
		rs.add(Refusal{Path: "/systemUserId", Reason: fullmakt.ReasonIncomplete, Code: fullmakt.CodeNotFound}, "there is no such system user")
		return k, k, rs.err()
	}
	k.User, k.System, k.Owner, k.Reference, k.Title, k.Agent = u.UUID, u.System, u.Owner, u.Reference, u.Title, u.Agent
	if sys, ok := a.askedSystem(&rs, &k); ok {
		a.isVendor(&rs, sys.Vendor)
		a.askedItems(&rs, &k, sys)
	}
	a.unwantedItems(&rs, &k)
	if len(k.Items()) == 0 {
		rs.add(Refusal{Path: "/requiredAccessPackages", Reason: fullmakt.ReasonIncomplete}, "nothing is named that is to change")
	}
	if err := rs.err(); err != nil {
		return k, k, err
	}
	needed = k
	needed.Packages, needed.Rights, needed.UnwantedPackages, needed.UnwantedRights = nil, nil, nil, nil
	for _, item := range k.Items() {
		switch {
		case a.isSo(&u, &item):
		case item.Unwanted && item.Package != "":
			needed.UnwantedPackages = append(needed.UnwantedPackages, item.Package)
		case item.Unwanted:
			needed.UnwantedRights = append(needed.UnwantedRights, item.Right)
		case item.Package != "":
			needed.Packages = append(needed.Packages, item.Package)
		default:
			needed.Rights = append(needed.Rights, item.Right)
		}
	}
	return k, needed, nil
}

// empty reports whether a request asks for nothing.
func (k *SystemAsk) empty() bool { return len(k.Items()) == 0 }

// unwantedItems checks what a user is to have no longer: nothing that it is to have
// as well. What the system itself no longer names can be given up all the same.
func (a *Acting) unwantedItems(rs *refusals, k *SystemAsk) {
	clash := func(path string) {
		rs.add(Refusal{Path: path, Reason: fullmakt.ReasonIncomplete}, "the same is both required and unwanted")
	}
	for i, name := range k.UnwantedPackages {
		path := where("", "unwantedAccessPackages", i)
		p, ok := a.Snapshot.Catalogue().FindPackage(name)
		if !ok {
			rs.add(Refusal{Path: path, Reason: fullmakt.ReasonUnknownPackage}, "there is no package %q", clip(name))
			continue
		}
		if k.UnwantedPackages[i] = p.Code; slices.Contains(k.Packages, p.Code) {
			clash(path)
		}
	}
	for i := range k.UnwantedRights {
		path, r := where("", "unwantedRights", i), &k.UnwantedRights[i]
		a.keysOf(rs, r, path)
		if slices.ContainsFunc(k.Rights, func(want SystemRight) bool { return want.covers(*r) || r.covers(want) }) {
			clash(path)
		}
	}
}

// isSo reports whether a system user has, or has not, what an item asks for.
func (a *Acting) isSo(u *SystemUser, item *AskedItem) bool {
	packages, rights := u.Has(a.Snapshot, a.At)
	if item.Package != "" {
		return slices.Contains(packages, item.Package) != item.Unwanted
	}
	if item.Unwanted {
		return !slices.ContainsFunc(rights, func(r RequestRight) bool {
			return a.matches(item.Right, fullmakt.Grant{Resource: r.Resource, Right: r.Right})
		})
	}
	var none refusals
	right := item.Right
	keys := a.keysOf(&none, &right, "")
	return len(keys) > 0 && !slices.ContainsFunc(keys, func(key string) bool {
		return !slices.Contains(rights, RequestRight{right.Resource, key})
	})
}

// changeSystemUser returns the changes that a change request asks for: all of them,
// or a refusal of every one that the actor may not make. What is so already takes no
// authority.
func (a *Acting) changeSystemUser(k *SystemAsk) (*Outcome, error) {
	var rs refusals
	u, ok := FindSystemUser(a.Snapshot, k.User)
	if !ok {
		rs.add(Refusal{Path: "/systemUserId", Reason: fullmakt.ReasonEnded}, "the system user has ended")
		return nil, rs.err()
	}
	if u.Agent {
		return a.changeAgent(k, u)
	}
	needed := slices.DeleteFunc(k.Items(), func(item AskedItem) bool { return a.isSo(&u, &item) })
	out, err := a.giveAsked(needed, &u)
	rs = append(rs, Refusals(err)...)
	var items []Item
	for _, asked := range needed {
		switch {
		case !asked.Unwanted:
		case asked.Package != "":
			items = append(items, Item{Package: asked.Package, Path: asked.Path})
		default:
			for _, g := range grantsBetween(a.Snapshot, u.Owner, u.Party) {
				if a.matches(asked.Right, g) {
					items = append(items, Item{Resource: g.Resource, Right: g.Right, Path: asked.Path})
				}
			}
		}
	}
	if len(items) > 0 {
		ended, err := a.Revoke(Revoke{From: u.Owner, To: u.Party, Items: items})
		if rs = append(rs, Refusals(err)...); err == nil {
			out.Changes, out.Items = append(out.Changes, ended.Changes...), append(out.Items, ended.Items...)
			out.Ended = append(out.Ended, ended.Ended...)
		}
	}
	return out, rs.err()
}

// changeAgent changes which packages an agent is meant to be delegated. Those that
// it is to have no longer are taken back for every client (rule CLIENT-1).
func (a *Acting) changeAgent(k *SystemAsk, u SystemUser) (*Outcome, error) {
	var rs refusals
	anybody := *a
	anybody.Actor = Operator
	delegated, err := anybody.UndelegateClients(UndelegateClients{Provider: u.Owner, AllClients: true, Agents: []fullmakt.PartyNo{u.Party}})
	if err != nil {
		return nil, err
	}
	out := &Outcome{}
	may := a.client1(u.Owner)
	for i, p := range k.UnwantedPackages {
		for _, end := range delegated.Changes {
			if d, ok := end.(fullmakt.ClientDelegation); ok && d.Package == p {
				out.Changes = append(out.Changes, end)
			}
		}
		if len(out.Changes) > 0 && !may {
			rs.add(Refusal{Path: where("", "unwantedAccessPackages", i), Reason: fullmakt.ReasonNotAdmin, Rule: fullmakt.RuleClient1, Party: u.Owner},
				"clients were delegated with %s, and the actor is neither client administrator (klientadministrator) nor main administrator (hovedadministrator)", p)
			return nil, rs.err()
		}
	}
	u.Packages = slices.DeleteFunc(slices.Clone(u.Packages), func(p string) bool { return slices.Contains(k.UnwantedPackages, p) })
	for _, p := range k.Packages {
		if !slices.Contains(u.Packages, p) {
			u.Packages = append(u.Packages, p)
		}
	}
	out.Changes = append(out.Changes, u.document())
	return out, nil
}
