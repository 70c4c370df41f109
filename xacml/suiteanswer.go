package xacml

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
)

// responseLines writes each result of a response in the JSON notation as lines
// that can be compared: the decision, the status, and one line for everything
// else. What means the same gives the same lines: a short data-type and its URI, a
// left out data-type and the one that follows from the JSON value, a status that is
// left out and status ok. Status messages are left out. The lines are sorted,
// because the standard gives obligations, advice and attributes no order.
//
// It reads JSON on its own, so that a mistake of the package's readers and writers
// cannot hide itself.
func responseLines(src []byte) ([][]string, error) {
	decoder := json.NewDecoder(bytes.NewReader(src))
	decoder.UseNumber()
	var document map[string]any
	if err := decoder.Decode(&document); err != nil {
		return nil, fmt.Errorf("the response is not JSON: %w", err)
	}
	var results []any
	switch r := member(document, "Response").(type) {
	case []any:
		results = r
	case map[string]any:
		results = []any{r}
	default:
		return nil, fmt.Errorf("there is no Response in the JSON")
	}
	var all [][]string
	for _, r := range results {
		object, ok := r.(map[string]any)
		if !ok {
			return nil, fmt.Errorf("a result is no object")
		}
		all = append(all, resultLines(object))
	}
	return all, nil
}

// member returns a member of a JSON object, in either casing.
func member(object map[string]any, name string) any {
	if v, ok := object[name]; ok {
		return v
	}
	return object[strings.ToLower(name[:1])+name[1:]]
}

func text(object map[string]any, name string) string {
	s, _ := member(object, name).(string)
	return s
}

func objects(object map[string]any, name string) (list []map[string]any) {
	switch v := member(object, name).(type) {
	case map[string]any:
		list = append(list, v)
	case []any:
		for _, e := range v {
			if o, ok := e.(map[string]any); ok {
				list = append(list, o)
			}
		}
	}
	return list
}

func resultLines(r map[string]any) []string {
	lines := []string{"decision " + text(r, "Decision")}
	code := "ok"
	status, _ := member(r, "Status").(map[string]any)
	if status != nil {
		var codes []string
		for at, _ := member(status, "StatusCode").(map[string]any); at != nil; at, _ = member(at, "StatusCode").(map[string]any) {
			codes = append(codes, strings.TrimPrefix(text(at, "Value"), shorthands["status"]))
		}
		if len(codes) > 0 {
			code = strings.Join(codes, " ")
		}
		detail := member(status, "StatusDetail")
		if detail == nil {
			detail = member(status, "StatusDetails") // Altinn's name
		}
		switch detail := detail.(type) {
		case string:
			lines = append(lines, detailLines(detail)...)
		case []any:
			for _, d := range detail {
				s, _ := d.(string)
				lines = append(lines, detailLines(s)...)
			}
		case map[string]any:
			for _, missing := range objects(detail, "MissingAttributeDetail") {
				lines = append(lines, missingLine(text(missing, "Category"), text(missing, "AttributeId")))
			}
		}
	}
	lines = append(lines, "status "+code)
	for _, o := range objects(r, "Obligations") {
		lines = append(lines, "obligation "+directiveLine(o))
	}
	advice := objects(r, "AssociatedAdvice")
	if advice == nil {
		advice = objects(r, "AssociateAdvice")
	}
	for _, o := range advice {
		lines = append(lines, "advice "+directiveLine(o))
	}
	for _, c := range objects(r, "Category") {
		if content := text(c, "Content"); content != "" {
			lines = append(lines, "content "+text(c, "CategoryId"))
		}
		for _, attribute := range objects(c, "Attribute") {
			lines = append(lines, "attribute "+text(c, "CategoryId")+" "+text(attribute, "AttributeId")+
				issuerNote(attribute)+" = "+strings.Join(jsonValues(attribute), ", "))
		}
	}
	if list, ok := member(r, "PolicyIdentifierList").(map[string]any); ok {
		for _, p := range objects(list, "PolicyIdReference") {
			lines = append(lines, "policy "+text(p, "Id")+"@"+text(p, "Version"))
		}
		for _, p := range objects(list, "PolicySetIdReference") {
			lines = append(lines, "policyset "+text(p, "Id")+"@"+text(p, "Version"))
		}
	}
	slices.Sort(lines[1:])
	return lines
}

// directiveLine writes an obligation or advice, its assignments sorted.
func directiveLine(o map[string]any) string {
	var list []string
	for _, a := range objects(o, "AttributeAssignment") {
		s := text(a, "AttributeId") + "=" + strings.Join(jsonValues(a), ", ")
		if c := text(a, "Category"); c != "" {
			s += " category=" + c
		}
		list = append(list, s+issuerNote(a))
	}
	slices.Sort(list)
	return text(o, "Id") + "(" + strings.Join(list, "; ") + ")"
}

func issuerNote(object map[string]any) string {
	if issuer := text(object, "Issuer"); issuer != "" {
		return " issuer=" + issuer
	}
	return ""
}

// jsonValues returns the value, or the values, of an attribute with their type.
func jsonValues(object map[string]any) []string {
	value := member(object, "Value")
	list, isList := value.([]any)
	if !isList {
		list = []any{value}
	}
	declared := text(object, "DataType")
	var out []string
	for _, v := range list {
		out = append(out, jsonValue(declared, v))
	}
	slices.Sort(out)
	return out
}

func jsonValue(declared string, v any) string {
	dataType, lexical := "string", ""
	switch v := v.(type) {
	case string:
		lexical = v
	case bool:
		dataType, lexical = "boolean", strconv.FormatBool(v)
	case json.Number:
		dataType, lexical = "integer", v.String()
		if strings.ContainsAny(lexical, ".eE") {
			dataType = "double"
		}
	case map[string]any:
		dataType, lexical = "xpathExpression", text(v, "XPath")+" in "+text(v, "XPathCategory")
	default:
		lexical = fmt.Sprint(v)
	}
	if declared != "" {
		dataType = shortType(declared)
	}
	return "(" + dataType + ")" + comparableForm(dataType, lexical)
}

// shortType is a data-type as the JSON Profile abbreviates it.
func shortType(uri string) string {
	if i := strings.LastIndexAny(uri, "#:"); i >= 0 {
		return uri[i+1:]
	}
	return uri
}

// comparableForm writes the lexical form of a value so that equal doubles look alike.
func comparableForm(dataType, lexical string) string {
	if dataType == "double" {
		if f, err := strconv.ParseFloat(strings.Replace(lexical, "INF", "Inf", 1), 64); err == nil {
			if math.IsNaN(f) {
				return "NaN"
			}
			return strconv.FormatFloat(f, 'g', -1, 64)
		}
	}
	return strconv.Quote(lexical)
}

// detailLines reads the missing attributes of a status detail that is XML.
func detailLines(detail string) []string {
	var lines []string
	decoder := xml.NewDecoder(strings.NewReader(detail))
	for {
		token, err := decoder.Token()
		if err != nil {
			return lines
		}
		start, ok := token.(xml.StartElement)
		if !ok || start.Name.Local != "MissingAttributeDetail" {
			continue
		}
		found := map[string]string{}
		for _, a := range start.Attr {
			found[a.Name.Local] = a.Value
		}
		lines = append(lines, missingLine(found["Category"], found["AttributeId"]))
	}
}

func missingLine(category, id string) string { return "missing " + category + " " + id }
