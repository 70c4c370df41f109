package api

import (
	"bytes"
	_ "embed"
	"encoding/json"
	"html/template"
	"maps"
	"net/http"
	"slices"
	"strings"
	"sync"

	"github.com/fullmakt/fullmakt"
	"github.com/getkin/kin-openapi/openapi3"
)

//go:embed reference.html
var referenceHTML string

// referencePage is openapi.yaml as people read it, with nothing from elsewhere.
type referencePage struct {
	Description string
	Open        bool // authentication is off
	Tags        []referenceTag
	Schemas     []referenceSchema
}

type referenceTag struct {
	Name, Description string
	Operations        []referenceOperation
}

type referenceOperation struct {
	Method, Path, Summary, Description string
	Open                               bool
	Parameters                         []referenceParameter
	Body, Example                      string
	Answers                            []referenceAnswer
}

type referenceParameter struct {
	Name, In, Description string
	Required              bool
}

type referenceAnswer struct {
	Status, Description string
	Schemas             []string
}

type referenceSchema struct{ Name, JSON string }

// reference writes the page for open and for guarded servers, once each.
var reference = map[bool]func() ([]byte, error){
	false: sync.OnceValues(func() ([]byte, error) { return renderReference(false) }),
	true:  sync.OnceValues(func() ([]byte, error) { return renderReference(true) }),
}

// showReference answers with the reference page.
func (s *Server) showReference(c *call) error {
	page, err := reference[s.Open()]()
	if err != nil {
		return err
	}
	c.w.Header().Set("Content-Security-Policy", "default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'")
	c.write(http.StatusOK, "text/html; charset=utf-8", page)
	return nil
}

func renderReference(open bool) ([]byte, error) {
	doc, err := openapi3.NewLoader().LoadFromData(openapiYAML)
	if err != nil {
		return nil, fullmakt.Errorf(fullmakt.CodeInternal, "openapi.yaml: %w", err)
	}
	page := referencePage{Description: doc.Info.Description, Open: open}
	tags := map[string]int{}
	for _, t := range doc.Tags {
		tags[t.Name] = len(page.Tags)
		page.Tags = append(page.Tags, referenceTag{Name: t.Name, Description: t.Description})
	}
	for _, path := range slices.Sorted(maps.Keys(doc.Paths.Map())) {
		item := doc.Paths.Value(path)
		operations := item.Operations()
		for _, method := range slices.Sorted(maps.Keys(operations)) {
			op := operations[method]
			for _, name := range op.Tags {
				i, known := tags[name]
				if !known {
					return nil, fullmakt.Errorf(fullmakt.CodeInternal, "openapi.yaml: %s %s has the unknown tag %s", method, path, name)
				}
				page.Tags[i].Operations = append(page.Tags[i].Operations, referenceOf(method, path, item, op))
			}
		}
	}
	for _, name := range slices.Sorted(maps.Keys(doc.Components.Schemas)) {
		page.Schemas = append(page.Schemas, referenceSchema{name, schemaText(doc.Components.Schemas[name].Value)})
	}
	parsed, err := template.New("reference").Parse(referenceHTML)
	if err != nil {
		return nil, fullmakt.Errorf(fullmakt.CodeInternal, "reference page: %w", err)
	}
	var out bytes.Buffer
	if err := parsed.Execute(&out, page); err != nil {
		return nil, fullmakt.Errorf(fullmakt.CodeInternal, "reference page: %w", err)
	}
	return out.Bytes(), nil
}

func referenceOf(method, path string, item *openapi3.PathItem, op *openapi3.Operation) referenceOperation {
	out := referenceOperation{
		Method: method, Path: path, Summary: op.Summary, Description: op.Description,
		Open: op.Security != nil && len(*op.Security) == 0,
	}
	for _, p := range slices.Concat(item.Parameters, op.Parameters) {
		out.Parameters = append(out.Parameters, referenceParameter{p.Value.Name, p.Value.In, p.Value.Description, p.Value.Required})
	}
	if op.RequestBody != nil {
		for _, content := range op.RequestBody.Value.Content {
			if content.Schema != nil {
				out.Body = schemaName(content.Schema)
			}
			if content.Example != nil {
				if text, err := json.MarshalIndent(content.Example, "", "  "); err == nil {
					out.Example = string(text)
				}
			}
		}
	}
	for _, status := range slices.Sorted(maps.Keys(op.Responses.Map())) {
		response := op.Responses.Value(status).Value
		a := referenceAnswer{Status: status}
		if response.Description != nil {
			a.Description = *response.Description
		}
		for _, content := range response.Content {
			if content.Schema != nil && content.Schema.Ref != "" {
				a.Schemas = append(a.Schemas, schemaName(content.Schema))
			}
		}
		out.Answers = append(out.Answers, a)
	}
	return out
}

// schemaName is the name of a schema that is referred to, or the schema itself.
func schemaName(s *openapi3.SchemaRef) string {
	if s.Ref != "" {
		return s.Ref[strings.LastIndexByte(s.Ref, '/')+1:]
	}
	return schemaText(s.Value)
}

func schemaText(s *openapi3.Schema) string {
	text, err := json.MarshalIndent(s, "", "  ")
	if err != nil {
		return ""
	}
	return string(text)
}
