package text

import (
	"embed"
	"encoding/json"
	"fmt"
	"io/fs"
	"slices"
	"strings"

	"github.com/fullmakt/fullmakt"
)

//go:embed messages
var files embed.FS

// Texts speaks one language. It does not change and may be shared.
type Texts struct {
	Lang     Lang
	messages map[string]string
}

// New returns the texts of a language, of all topics together. It fails for a
// language that is not one of Langs.
func New(lang Lang) (*Texts, error) {
	if !slices.Contains(Langs(), lang) {
		return nil, fullmakt.Errorf(fullmakt.CodeInvalid, "language %q: there are no texts in it", string(lang)).
			WithHint("the languages are nb, nn and en")
	}
	topics, err := fs.Glob(files, "messages/"+string(lang)+"/*.json")
	if err != nil {
		return nil, fullmakt.Errorf(fullmakt.CodeInternal, "messages in %s: %w", lang, err)
	}
	t := &Texts{Lang: lang, messages: map[string]string{}}
	for _, topic := range topics {
		data, err := files.ReadFile(topic)
		if err == nil {
			err = json.Unmarshal(data, &t.messages)
		}
		if err != nil {
			return nil, fullmakt.Errorf(fullmakt.CodeInternal, "%s: %w", topic, err)
		}
	}
	return t, nil
}

// Knows reports whether a key has a message.
func (t *Texts) Knows(key string) bool {
	_, ok := t.messages[key]
	return ok
}

// Say returns the message of a key with its placeholders filled from pairs of
// name and value. A key without a message is returned itself; the tests make
// sure that there is none.
func (t *Texts) Say(key string, pairs ...any) string {
	message, ok := t.messages[key]
	if !ok {
		return key
	}
	if len(pairs) < 2 {
		return message
	}
	old := make([]string, 0, len(pairs))
	for i := 0; i+1 < len(pairs); i += 2 {
		old = append(old, "{"+fmt.Sprint(pairs[i])+"}", fmt.Sprint(pairs[i+1]))
	}
	return strings.NewReplacer(old...).Replace(message)
}

// YesNo returns the word for b inside a sentence.
func (t *Texts) YesNo(b bool) string {
	if b {
		return t.Say("word.yes")
	}
	return t.Say("word.no")
}

// Reason returns a reason as a sentence.
func (t *Texts) Reason(r fullmakt.Reason) string { return t.Say("reason." + string(r)) }

// Why returns a reason as the few words that follow a colon.
func (t *Texts) Why(r fullmakt.Reason) string { return t.Say("why." + string(r)) }

// Scope returns the sentence of an answer about a scope of Maskinporten's.
func (t *Texts) Scope(r fullmakt.Reason) string { return t.Say("scope." + string(r)) }

// State returns an organisation's state as a word or two.
func (t *Texts) State(s fullmakt.OrgState) string { return t.Say("state." + s.String()) }

// Kind returns the kind of a party as a word or two.
func (t *Texts) Kind(k fullmakt.PartyKind) string { return t.Say("kind." + k.String()) }

// List joins words as a sentence does: "a, b and c".
func (t *Texts) List(words []string) string { return t.joined(words, "word.and") }

// Choice joins words as a choice between them: "A, B or C".
func (t *Texts) Choice(words []string) string { return t.joined(words, "word.or") }

func (t *Texts) joined(words []string, conjunction string) string {
	if len(words) < 2 {
		return strings.Join(words, "")
	}
	last := len(words) - 1
	return strings.Join(words[:last], ", ") + " " + t.Say(conjunction) + " " + words[last]
}
