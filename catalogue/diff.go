package catalogue

import (
	"cmp"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
)

// Changes is what differs between two catalogues, or between two moments of one.
type Changes struct {
	Kind    string   `json:"kind"` // "diff"
	Changes []Change `json:"changes"`
}

// Change is one entry that was added, removed or changed.
type Change struct {
	What   string        `json:"what"`  // "added", "removed" or "changed"
	Entry  string        `json:"entry"` // package, role, mapping and so on, the plain name of its kind
	Key    string        `json:"key"`   // its code; of a mapping "PACKAGE ROLE" or "PACKAGE ROLE@FORM"
	Fields []FieldChange `json:"fields,omitempty"`
}

// FieldChange is one field that differs; "" is a field that is not there.
type FieldChange struct {
	Field  string `json:"field"`
	Before string `json:"before"`
	After  string `json:"after"`
}

// Diff returns what differs from a to b, over all times: entries, and their
// validity.
func Diff(a, b *Catalogue) *Changes {
	return compare(a.book.flatten(nil), b.book.flatten(nil))
}

// DiffTimes returns what differs in c between two instants in Unix seconds: what
// holds at one and not at the other, or differently. Validity and source themselves are
// not compared.
func DiffTimes(c *Catalogue, before, after int64) *Changes {
	return compare(c.book.flatten(c.At(before)), c.book.flatten(c.At(after)))
}

// flat is one entry as field names and values.
type flat struct {
	kind, key string
	fields    map[string]string
}

// flatten returns the entries in the order of the book: of all times, or those
// that hold in a view, without their validity and source.
func (b *book) flatten(v *View) []flat {
	var out []flat
	var roles, packages map[string]bool
	if v != nil {
		roles, packages = map[string]bool{}, map[string]bool{}
		for _, r := range v.roles {
			if r != nil {
				roles[string(r.Code)] = true
			}
		}
		for p := range v.valid.All() {
			packages[v.packages[p].Code] = true
		}
	}
	take := func(kind string, e entry, value any) {
		s := e.stampOf()
		if v != nil {
			from, _ := parseDay(s.From)
			to, _ := parseDay(s.To)
			if !v.holds(Validity{from, to}) {
				return
			}
		}
		f := flat{kind: kind, key: e.key(), fields: map[string]string{}}
		spread(f.fields, "", value)
		if v != nil {
			delete(f.fields, "from")
			delete(f.fields, "to")
			delete(f.fields, "source")
		}
		out = append(out, f)
	}
	for i := range b.groups {
		take("group", &b.groups[i], &b.groups[i])
	}
	for i := range b.areas {
		take("area", &b.areas[i], &b.areas[i])
	}
	for i := range b.packages {
		take("package", &b.packages[i], &b.packages[i])
	}
	for i := range b.roles {
		take("role", &b.roles[i], &b.roles[i])
	}
	for i := range b.forms {
		take("form", &b.forms[i], &b.forms[i])
	}
	for i := range b.mappings {
		if m := &b.mappings[i]; v == nil || roles[m.role] && packages[m.pkg] {
			take("mapping", m, map[string]any{
				"may_use": m.access, "may_give": m.delegate, "assign": m.assign, "from": m.From, "to": m.To, "source": m.Source,
			})
		}
	}
	for i := range b.roleMap {
		if m := &b.roleMap[i]; v == nil || roles[m.has] && roles[m.gets] {
			take("rolemap", m, map[string]any{"from": m.From, "to": m.To, "source": m.Source})
		}
	}
	for i := range b.derivations {
		if d := &b.derivations[i]; v == nil || roles[d.Role] && roles[d.Gives] {
			take("derivation", d, d)
		}
	}
	return out
}

// spread writes the JSON fields of value into fields, nested ones with a dot.
func spread(fields map[string]string, name string, value any) {
	switch v := value.(type) {
	case map[string]any:
		for k, inner := range v {
			if name != "" {
				k = name + "." + k
			}
			spread(fields, k, inner)
		}
	case []any:
		parts := make([]string, len(v))
		for i, inner := range v {
			parts[i] = fmt.Sprint(inner)
		}
		fields[name] = strings.Join(parts, ", ")
	case string, bool, float64:
		if s := fmt.Sprint(v); s != "" {
			fields[name] = s
		}
	default:
		text, err := json.Marshal(v)
		if err != nil {
			return // entries are strings and flags; Marshal has nothing to refuse
		}
		var inner map[string]any
		if json.Unmarshal(text, &inner) == nil {
			spread(fields, name, inner)
		}
	}
}

// compare lists the differences: removed and changed in the order of before, then
// added in the order of after.
func compare(before, after []flat) *Changes {
	type id struct{ kind, key string }
	count := map[id]int{}
	for _, list := range [][]flat{before, after} {
		here := map[id]int{}
		for _, f := range list {
			here[id{f.kind, f.key}]++
		}
		for k, n := range here {
			count[k] = max(count[k], n)
		}
	}
	// Versions of one entry are told apart by their first day.
	idOf := func(f *flat) id {
		k := id{f.kind, f.key}
		if count[k] > 1 {
			k.key += " from " + cmp.Or(f.fields["from"], "the beginning")
		}
		return k
	}
	old, new := map[id]*flat{}, map[id]*flat{}
	for i := range before {
		old[idOf(&before[i])] = &before[i]
	}
	for i := range after {
		new[idOf(&after[i])] = &after[i]
	}
	out := &Changes{Kind: "diff", Changes: []Change{}}
	for i := range before {
		k := idOf(&before[i])
		now := new[k]
		if now == nil {
			out.Changes = append(out.Changes, Change{What: "removed", Entry: k.kind, Key: k.key})
			continue
		}
		if fields := fieldChanges(before[i].fields, now.fields); len(fields) > 0 {
			out.Changes = append(out.Changes, Change{What: "changed", Entry: k.kind, Key: k.key, Fields: fields})
		}
	}
	for i := range after {
		if k := idOf(&after[i]); old[k] == nil {
			out.Changes = append(out.Changes, Change{What: "added", Entry: k.kind, Key: k.key})
		}
	}
	return out
}

// fieldChanges lists the fields that differ, by name.
func fieldChanges(before, after map[string]string) []FieldChange {
	var out []FieldChange
	for name, was := range before {
		if is := after[name]; is != was {
			out = append(out, FieldChange{name, was, is})
		}
	}
	for name, is := range after {
		if _, had := before[name]; !had {
			out = append(out, FieldChange{name, "", is})
		}
	}
	slices.SortFunc(out, func(a, b FieldChange) int { return strings.Compare(a.Field, b.Field) })
	return out
}

// Document lays the changes out, a line for each field.
func (c *Changes) Document(lang string) Document {
	count := map[string]int{}
	t := Table{Columns: []string{wordChange.In(lang), wordEntry.In(lang), wordField.In(lang), wordBefore.In(lang), wordAfter.In(lang)}}
	words := map[string]Names{"added": wordAdded, "removed": wordRemoved, "changed": wordChanged}
	for _, change := range c.Changes {
		count[change.What]++
		what, entry := words[change.What].In(lang), change.Entry+" "+change.Key
		if len(change.Fields) == 0 {
			t.Rows = append(t.Rows, []string{what, entry, "", "", ""})
		}
		for _, f := range change.Fields {
			t.Rows = append(t.Rows, []string{what, entry, f.Field, f.Before, f.After})
		}
	}
	d := Document{Title: fmt.Sprintf("%d %s, %d %s, %d %s",
		count["added"], wordAdded.In(lang), count["removed"], wordRemoved.In(lang), count["changed"], wordChanged.In(lang))}
	if len(t.Rows) > 0 {
		d.Tables = []Table{t}
	}
	return d
}
