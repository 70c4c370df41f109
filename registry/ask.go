package registry

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/fullmakt/fullmakt"
	"github.com/fullmakt/fullmakt/xacml"
)

// Attributes that requests name parties and instances by, besides those that the
// caller's PartyFinder knows.
const (
	attributePartyID  = "urn:altinn:partyid"
	attributeUserID   = "urn:altinn:userid"
	attributeInstance = "urn:altinn:instance-id"
	attributeSystem   = "urn:altinn:systemuser:uuid"
)

// numberAttributes name a person by identity number.
var numberAttributes = []string{"urn:altinn:person:identifier-no", "urn:altinn:ssn"}

// PartyFinder finds the party that an attribute with a value names; 0 for none.
// Names is false where the attribute is none that names parties.
type PartyFinder func(id, value string) (party fullmakt.PartyNo, names bool, err error)

// Ask reads an individual XACML request as a question. The resource is named by
// urn:altinn:resource, or by urn:altinn:org and urn:altinn:app; the party that it
// belongs to, and the subject, by any attribute that the finder knows, and the
// party also by the instance that it owns. Attributes that name a subject must all
// name the same one. The error is an *xacml.Error, for an answer that is
// Indeterminate, or one of the finder's.
func Ask(req *xacml.Request, find PartyFinder, at time.Time) (Question, error) {
	q := Question{At: at, Request: req}
	if err := req.Fault(); err != nil {
		return q, err
	}
	var err error
	if q.Resource, err = resourceIn(req); err != nil {
		return q, err
	}
	actions := valuesOf(req, xacml.CategoryAction, AttributeAction)
	if len(actions) != 1 {
		return q, wrong(xacml.StatusSyntaxError, "the request must name one action by %s, and names %d", AttributeAction, len(actions))
	}
	q.Action = actions[0]
	if q.Subject, err = subjectIn(req, find); err != nil {
		return q, err
	}
	q.For, err = partyIn(req, find)
	return q, err
}

func wrong(code xacml.StatusCode, format string, args ...any) error {
	return &xacml.Error{Code: code, Message: fullmakt.Errorf(fullmakt.CodeInvalid, format, args...).Error()}
}

// resourceIn returns the identifier of the resource that a request names.
func resourceIn(req *xacml.Request) (string, error) {
	one := func(id string) (string, error) {
		values := valuesOf(req, xacml.CategoryResource, id)
		if len(values) > 1 {
			return "", wrong(xacml.StatusSyntaxError, "the request names several resources by %s; ask for each", id)
		}
		return strings.Join(values, ""), nil
	}
	resource, err := one(AttributeResource)
	if err != nil {
		return "", err
	}
	org, err := one(AttributeOrg)
	if err != nil {
		return "", err
	}
	app, err := one(AttributeApp)
	if err != nil {
		return "", err
	}
	switch of := AppResource(org, app); {
	case resource == "" && (org == "" || app == ""):
		return "", wrong(xacml.StatusProcessingError, "the request names no resource; name it by %s, or by %s and %s", AttributeResource, AttributeOrg, AttributeApp)
	case resource == "":
		return of, nil
	case org != "" && app != "" && !strings.EqualFold(resource, of):
		return "", wrong(xacml.StatusProcessingError, "the request names a resource and an app that is another")
	}
	return resource, nil
}

// subjectIn returns the subject that a request names.
func subjectIn(req *xacml.Request, find PartyFinder) (fullmakt.PartyNo, error) {
	var subject fullmakt.PartyNo
	var ids []string
	unknown := false
	err := eachOf(req, xacml.CategoryAccessSubject, func(id, value string) error {
		id = strings.ToLower(id)
		p, names, err := find(id, value)
		if err != nil {
			return err
		}
		if !names && id != attributeUserID {
			return nil
		}
		ids = append(ids, id)
		switch {
		case id == attributeUserID: // the registers know no user ids
		case p == 0:
			unknown = true
		case subject != 0 && subject != p:
			return wrong(xacml.StatusProcessingError, "the subject is named in two ways that mean two parties")
		default:
			subject = p
		}
		return nil
	})
	named := func(list ...string) bool {
		return slices.ContainsFunc(ids, func(id string) bool { return slices.Contains(list, id) })
	}
	switch {
	case err != nil:
		return 0, err
	case len(ids) == 0:
		return 0, wrong(xacml.StatusProcessingError, "the request names no subject")
	case named(attributeUserID) && named(numberAttributes...):
		return 0, wrong(xacml.StatusProcessingError, "the subject is named by user id and by identity number; use one")
	case named(attributeSystem) && slices.ContainsFunc(ids, func(id string) bool { return id != attributeSystem }):
		return 0, wrong(xacml.StatusProcessingError, "a system user is named alone, without another party")
	case subject == 0 || unknown:
		return 0, wrong(xacml.StatusProcessingError, "the subject is not known")
	}
	return subject, nil
}

// partyIn returns the party that the resource of a request belongs to; 0 where it
// names none.
func partyIn(req *xacml.Request, find PartyFinder) (fullmakt.PartyNo, error) {
	var party fullmakt.PartyNo
	err := eachOf(req, xacml.CategoryResource, func(id, value string) error {
		id = strings.ToLower(id)
		if id == attributeInstance {
			owner, _, ok := strings.Cut(value, "/")
			if !ok {
				return wrong(xacml.StatusSyntaxError, "an instance is written as the party id of its owner, / and its own id")
			}
			id, value = attributePartyID, owner
		}
		p, names, err := find(id, value)
		switch {
		case err != nil || !names:
			return err
		case p == 0:
			return wrong(xacml.StatusProcessingError, "the party of the resource is not known")
		case party != 0 && party != p:
			return wrong(xacml.StatusProcessingError, "the party of the resource is named in two ways that mean two parties")
		}
		party = p
		return nil
	})
	return party, err
}

// eachOf calls do for every value of every attribute of a category that is not
// empty.
func eachOf(req *xacml.Request, category string, do func(id, value string) error) error {
	for i := range req.Categories {
		if req.Categories[i].Category != category {
			continue
		}
		for _, a := range req.Categories[i].Attributes {
			for _, v := range a.Values {
				if text := v.String(); text != "" {
					if err := do(a.ID, text); err != nil {
						return err
					}
				}
			}
		}
	}
	return nil
}

// valuesOf returns the values of an attribute, each once.
func valuesOf(req *xacml.Request, category, id string) (values []string) {
	_ = eachOf(req, category, func(given, value string) error {
		if strings.EqualFold(given, id) && !slices.Contains(values, value) {
			values = append(values, value)
		}
		return nil
	})
	return values
}

// partyID writes a party's number as requests name it.
func partyID(p fullmakt.PartyNo) string { return strconv.FormatUint(uint64(p), 10) }
