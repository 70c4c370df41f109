package text

import "github.com/fullmakt/fullmakt"

// Rule is one rule of the rule set in words.
type Rule struct {
	ID       fullmakt.Rule
	Sentence string
	Source   string // the law or the page that it follows from
}

// ruleSources lists every rule of docs/RULES.md in its order, with the key of
// the message that names the source.
var ruleSources = [...]struct {
	id     fullmakt.Rule
	source string
}{
	{"SELF", "source.code"},
	{"DIRECT", "source.nesting"},
	{"NEST", "source.nesting"},
	{"CLIENT", "source.code"},
	{"SUB", "source.code"},
	{"ENK", "source.code"},
	{"NEST-1", "source.nesting"},
	{"NEST-2", "source.nesting"},
	{"NEST-3", "source.nesting"},
	{"NEST-4", "source.nesting"},
	{"NEST-5", "source.code"},
	{"NEST-6", "source.code"},
	{"NEST-7", "source.own"},
	{"NEST-8", "source.code"},
	{"KEY-1", "source.code"},
	{"FORM-1", "source.integrations"},
	{"FORM-2", "source.integrations"},
	{"ROLE", "source.code"},
	{"LIFE-1", "source.code"},
	{"LIFE-2", "source.own"},
	{"LIFE-3", "source.own"},
	{"SRC-1", "source.own"},
	{"TIME-1", "source.own"},
	{"OPEN-1", "source.open"},
	{"PRIV-1", "source.registerlaw"},
	{"GIVE-1", "source.integrations"},
	{"GIVE-2", "source.code"},
	{"GIVE-3", "source.code"},
	{"GIVE-4", "source.code"},
	{"GIVE-5", "source.code"},
	{"GIVE-6", "source.own"},
	{"CLIENT-1", "source.code"},
	{"SCOPE-1", "source.code"},
}

// Rules returns every rule in the order of docs/RULES.md.
func (t *Texts) Rules() []Rule {
	rules := make([]Rule, 0, len(ruleSources))
	for _, r := range ruleSources {
		rules = append(rules, t.rule(r.id, r.source))
	}
	return rules
}

// Rule returns a rule in words, and false for an id that is none.
func (t *Texts) Rule(id fullmakt.Rule) (Rule, bool) {
	for _, r := range ruleSources {
		if r.id == id {
			return t.rule(r.id, r.source), true
		}
	}
	return Rule{}, false
}

func (t *Texts) rule(id fullmakt.Rule, source string) Rule {
	return Rule{ID: id, Sentence: t.Say("rule." + string(id)), Source: t.Say(source)}
}
