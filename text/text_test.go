package text_test

import (
	"encoding/json"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/fullmakt/fullmakt"
	"github.com/fullmakt/fullmakt/text"
)

// messages reads the data files as they are, past the code under test.
func messages(t *testing.T) map[text.Lang]map[string]string {
	t.Helper()
	all := map[text.Lang]map[string]string{}
	for _, lang := range text.Langs() {
		all[lang] = map[string]string{}
		topics, err := filepath.Glob(filepath.Join("messages", string(lang), "*.json"))
		if err != nil || len(topics) == 0 {
			t.Fatalf("%s: %d topics, %v", lang, len(topics), err)
		}
		for _, topic := range topics {
			data, err := os.ReadFile(topic)
			if err != nil {
				t.Fatal(err)
			}
			m := map[string]string{}
			if err := json.Unmarshal(data, &m); err != nil {
				t.Fatalf("%s: %v", topic, err)
			}
			for key, message := range m {
				if _, twice := all[lang][key]; twice {
					t.Errorf("%s: %q is in another topic too", topic, key)
				}
				all[lang][key] = message
			}
		}
	}
	return all
}

var placeholder = regexp.MustCompile(`\{[a-z]+\}`)

// TestSameKeysInEveryLanguage holds the languages against each other: the same
// topics and keys, no empty message, the same placeholders.
func TestSameKeysInEveryLanguage(t *testing.T) {
	all := messages(t)
	english, _ := filepath.Glob("messages/en/*.json")
	if files, _ := filepath.Glob("messages/*/*.json"); len(files) != len(all)*len(english) {
		t.Errorf("messages holds %d files in %d languages, English has %d topics", len(files), len(all), len(english))
	}
	for lang, m := range all {
		for key, message := range all[text.EN] {
			other, ok := m[key]
			if !ok || strings.TrimSpace(other) == "" {
				t.Errorf("%s: %q has no message", lang, key)
				continue
			}
			want, got := placeholder.FindAllString(message, -1), placeholder.FindAllString(other, -1)
			slices.Sort(want)
			slices.Sort(got)
			if !slices.Equal(want, got) {
				t.Errorf("%s: %q has placeholders %v, English has %v", lang, key, got, want)
			}
		}
		for key := range m {
			if _, ok := all[text.EN][key]; !ok {
				t.Errorf("%s: %q is not in English", lang, key)
			}
		}
	}
}

// TestReasonsAndRulesHaveTexts takes the codes from the source of the root
// package, so that a new one without a text fails here.
func TestReasonsAndRulesHaveTexts(t *testing.T) {
	for _, lang := range text.Langs() {
		texts, err := text.New(lang)
		if err != nil {
			t.Fatal(err)
		}
		reasons, rules := rootConstants(t)
		if len(reasons) < 28 || len(rules) < 12 {
			t.Fatalf("found %d reasons and %d rules in the root package", len(reasons), len(rules))
		}
		for _, r := range reasons {
			if got := texts.Reason(r); got == "reason."+string(r) {
				t.Errorf("%s: reason %s has no text", lang, r)
			}
			if got := texts.Why(r); got == "why."+string(r) {
				t.Errorf("%s: reason %s has no short text", lang, r)
			}
		}
		for _, id := range rules {
			rule, ok := texts.Rule(id)
			if !ok || rule.Sentence == "rule."+string(id) || strings.HasPrefix(rule.Source, "source.") {
				t.Errorf("%s: rule %s is told as %+v", lang, id, rule)
			}
		}
		for _, rule := range texts.Rules() {
			if rule.Sentence == "rule."+string(rule.ID) || !strings.HasSuffix(rule.Sentence, ".") || strings.HasPrefix(rule.Source, "source.") {
				t.Errorf("%s: rule %s is told as %+v", lang, rule.ID, rule)
			}
		}
	}
}

// rootConstants reads the constants of the types Reason and Rule from reason.go.
func rootConstants(t *testing.T) (reasons []fullmakt.Reason, rules []fullmakt.Rule) {
	t.Helper()
	file, err := parser.ParseFile(token.NewFileSet(), filepath.Join("..", "reason.go"), nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	ast.Inspect(file, func(n ast.Node) bool {
		spec, ok := n.(*ast.ValueSpec)
		if !ok || len(spec.Values) != 1 {
			return true
		}
		kind, _ := spec.Type.(*ast.Ident)
		literal, _ := spec.Values[0].(*ast.BasicLit)
		if kind == nil || literal == nil {
			return true
		}
		value, err := strconv.Unquote(literal.Value)
		if err != nil {
			return true
		}
		switch kind.Name {
		case "Reason":
			reasons = append(reasons, fullmakt.Reason(value))
		case "Rule":
			rules = append(rules, fullmakt.Rule(value))
		}
		return true
	})
	return reasons, rules
}

// speaking are the directories whose sources name messages: Go files say
// Say("key"), templates say "key".
var speaking = []string{".", filepath.Join("..", "cmd", "fullmakt"), filepath.Join("..", "web")}

// sources calls f with every Go file and template that may name messages.
func sources(t *testing.T, f func(path, source string)) {
	t.Helper()
	for _, dir := range speaking {
		err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
			if err == nil && d.IsDir() && d.Name() == "node_modules" {
				return fs.SkipDir
			}
			if ext := filepath.Ext(path); err != nil || d.IsDir() || ext != ".go" && ext != ".html" || strings.HasSuffix(path, "_test.go") {
				return err
			}
			source, err := os.ReadFile(path)
			if err == nil {
				f(path, string(source))
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
}

// TestEveryKeyInTheCodeHasAMessage reads the sources that speak and looks up
// every key that they name, whole or by its beginning.
func TestEveryKeyInTheCodeHasAMessage(t *testing.T) {
	all := messages(t)[text.EN]
	say := regexp.MustCompile(`(?:[Ss]ay|tell)[ (]+"([a-z0-9_.-]+)"`)
	found := 0
	sources(t, func(path, source string) {
		for _, match := range say.FindAllStringSubmatch(source, -1) {
			found++
			key := match[1]
			if _, ok := all[key]; ok {
				continue
			}
			if strings.HasSuffix(key, ".") && slices.ContainsFunc(keys(all), func(k string) bool { return strings.HasPrefix(k, key) }) {
				continue
			}
			t.Errorf("%s says %q, which has no message", path, key)
		}
	})
	if found < 30 {
		t.Errorf("found %d keys in the code; the search is broken", found)
	}
}

// TestEveryMessageIsUsed looks for keys that no source names any more, whole or,
// where the code adds a word of its own, by a beginning that ends in a dot.
func TestEveryMessageIsUsed(t *testing.T) {
	quoted := map[string]bool{}
	literal := regexp.MustCompile(`"([a-z0-9_.-]+)"`)
	sources(t, func(_, source string) {
		for _, match := range literal.FindAllStringSubmatch(source, -1) {
			quoted[match[1]] = true
		}
	})
	for key := range messages(t)[text.EN] {
		used := quoted[key]
		for i, r := range key {
			used = used || r == '.' && quoted[key[:i+1]]
		}
		if !used {
			t.Errorf("nothing says %q", key)
		}
	}
}

func keys(m map[string]string) (list []string) {
	for k := range m {
		list = append(list, k)
	}
	return list
}

// avoided are words that Altinn's own glossary advises against.
var avoided = regexp.MustCompile(`(?i)\b(avgiver|aktør|bedrift|representer\w*|power of attorney)`)

func TestGlossary(t *testing.T) {
	for lang, m := range messages(t) {
		for key, message := range m {
			if word := avoided.FindString(message); word != "" {
				t.Errorf("%s: %s says %q", lang, key, word)
			}
		}
	}
}

func TestParseLang(t *testing.T) {
	tests := []struct {
		in   string
		want text.Lang
		ok   bool
	}{
		{"nb", text.NB, true}, {"NO", text.NB, true}, {"nb_NO.UTF-8", text.NB, true}, {"nn-NO", text.NN, true},
		{"en_GB.UTF-8@euro", text.EN, true}, {"C", "", false}, {"C.UTF-8", "", false}, {"", "", false}, {"de", "", false}, {"nbx", "", false},
	}
	for _, tt := range tests {
		if got, ok := text.ParseLang(tt.in); got != tt.want || ok != tt.ok {
			t.Errorf("ParseLang(%q) = %q, %v; want %q, %v", tt.in, got, ok, tt.want, tt.ok)
		}
	}
}

func TestFromEnvironment(t *testing.T) {
	tests := []struct {
		env  map[string]string
		want text.Lang
	}{
		{nil, text.EN},
		{map[string]string{"LANG": "nb_NO.UTF-8"}, text.NB},
		{map[string]string{"LANG": "nb_NO.UTF-8", "LC_ALL": "en_US.UTF-8"}, text.EN},
		{map[string]string{"LANG": "nb_NO.UTF-8", "LC_MESSAGES": "nn_NO"}, text.NN},
		{map[string]string{"LANG": "nb_NO.UTF-8", "LC_ALL": "C.UTF-8"}, text.EN},
		{map[string]string{"LANG": "de_DE", "FULLMAKT_LANG": "nn"}, text.NN},
		{map[string]string{"LANG": "nb_NO", "FULLMAKT_LANG": "xx"}, text.NB},
	}
	for _, tt := range tests {
		if got := text.FromEnvironment(func(name string) string { return tt.env[name] }); got != tt.want {
			t.Errorf("FromEnvironment(%v) = %s, want %s", tt.env, got, tt.want)
		}
	}
}

func TestNewRefusesOtherLanguages(t *testing.T) {
	if _, err := text.New("de"); fullmakt.ErrorCode(err) != fullmakt.CodeInvalid {
		t.Errorf("New(de): %v", err)
	}
	if _, err := text.New("../messages/en"); fullmakt.ErrorCode(err) != fullmakt.CodeInvalid {
		t.Errorf("New of a path: %v", err)
	}
}

func TestSay(t *testing.T) {
	texts, err := text.New(text.EN)
	if err != nil {
		t.Fatal(err)
	}
	// A name that looks like a placeholder is not filled a second time.
	if got, want := texts.Say("head.any.yes", "subject", "{for}", "for", "B"), "{for} may act on behalf of B"; got != want {
		t.Errorf("Say = %q, want %q", got, want)
	}
	if got, want := texts.List([]string{"a", "b", "c"}), "a, b and c"; got != want {
		t.Errorf("List = %q, want %q", got, want)
	}
}

// TestEveryRuleOfTheDocumentHasWords takes the ids from docs/RULES.md.
func TestEveryRuleOfTheDocumentHasWords(t *testing.T) {
	document, err := os.ReadFile(filepath.Join("..", "docs", "RULES.md"))
	if err != nil {
		t.Fatal(err)
	}
	texts, err := text.New(text.EN)
	if err != nil {
		t.Fatal(err)
	}
	told := map[string]bool{}
	for _, rule := range texts.Rules() {
		told[string(rule.ID)] = true
	}
	ids := regexp.MustCompile(`(?m)\*\*([A-Z]{2,}(?:-[0-9])?)\*\*|^\| ([A-Z]{2,}(?:-[0-9])?)(?: \([a-z]+\))? \|`).FindAllStringSubmatch(string(document), -1)
	if len(ids) < 25 {
		t.Fatalf("found %d rules in docs/RULES.md", len(ids))
	}
	for _, match := range ids {
		if id := match[1] + match[2]; !told[id] {
			t.Errorf("rule %s of docs/RULES.md has no words", id)
		}
	}
}
