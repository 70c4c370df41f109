package api

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"

	"github.com/fullmakt/fullmakt"
	"github.com/fullmakt/fullmakt/delegation"
	"github.com/fullmakt/fullmakt/index"
)

// personInput names a person who is new to a giver (rule GIVE-3).
type personInput struct {
	PersonIdentifier string
	LastName         string
}

// personInput reads the body; nil for none.
func (c *call) personInput() (*personInput, error) {
	body, err := c.body()
	if err != nil {
		return nil, err
	}
	if text := strings.TrimSpace(string(body)); text == "" || text == "null" {
		return nil, nil
	}
	if !c.isJSON() {
		return nil, statusf(http.StatusUnsupportedMediaType, "the body must be application/json")
	}
	var input struct{ PersonIdentifier, LastName *string }
	if err := json.Unmarshal(body, &input); err != nil {
		return nil, invalidField("$", "want an object with personIdentifier and lastName")
	}
	if input.PersonIdentifier == nil && input.LastName == nil {
		return nil, nil
	}
	if input.PersonIdentifier == nil || input.LastName == nil {
		return nil, badRequest(amNoSuchPerson, "name the person by both personIdentifier and lastName")
	}
	return &personInput{*input.PersonIdentifier, *input.LastName}, nil
}

// namedPerson finds a person by identity number and last name. That the number is
// unknown and that the name does not fit is one answer, and after some of those the
// caller must wait.
func (c *call) namedPerson(snap *index.Snapshot, actor fullmakt.PartyNo, input *personInput) (fullmakt.PartyNo, error) {
	wrong := &c.server.wrong
	key := c.caller.key() + "\x00" + fmt.Sprint(actor)
	if wrong.blocked(key, c.now) {
		return 0, &altinnError{status: http.StatusTooManyRequests, code: amManyLookups, detail: "too many persons were named wrongly; wait an hour"}
	}
	id, err := fullmakt.ParseNationalID(input.PersonIdentifier)
	if err != nil {
		return 0, badRequest(amNoSuchPerson, "personIdentifier is no identity number")
	}
	p := snap.Person(id)
	if p == 0 || !delegation.LastNameFits(snap.Name(p), input.LastName) {
		wrong.add(key, c.now)
		return 0, badRequest(amNoSuchPerson, "no person has this identity number and last name")
	}
	return p, nil
}

// badRequest is an error of Altinn's catalogue that is no validation error.
func badRequest(code, format string, args ...any) error {
	return &altinnError{status: http.StatusBadRequest, code: code, detail: fmt.Sprintf(format, args...)}
}

// The codes by which Altinn refuses how a person is named.
const (
	amNamePerson   = "AM-00024"
	amNoSuchPerson = "AM-00004"
	amManyLookups  = "AM-00026"
)
