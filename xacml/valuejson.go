package xacml

import (
	"fmt"
	"math"
	"strconv"
	"strings"
)

// The short names of the data-types (JSON Profile 1.1, section 3.2.1).
var typeNames = map[string]Type{
	"string": TypeString, "boolean": TypeBoolean, "integer": TypeInteger, "double": TypeDouble,
	"time": TypeTime, "date": TypeDate, "dateTime": TypeDateTime,
	"dayTimeDuration": TypeDayTimeDuration, "yearMonthDuration": TypeYearMonthDuration,
	"anyURI": TypeAnyURI, "hexBinary": TypeHexBinary, "base64Binary": TypeBase64Binary,
	"rfc822Name": TypeRFC822Name, "x500Name": TypeX500Name, "xpathExpression": TypeXPathExpression,
	"ipAddress": TypeIPAddress, "dnsName": TypeDNSName,
}

func typeNamed(name string) Type {
	if t, ok := typeNames[name]; ok {
		return t
	}
	return Type(name)
}

// readValuesJSON reads Value, one or an array, of the type that DataType names or
// that follows from the values. No Value gives no values.
func readValuesJSON(n jsonNode) ([]Value, error) {
	var items []jsonNode
	for _, item := range n.list("Value") {
		if item.kind != jsonNull {
			items = append(items, item)
		}
	}
	if len(items) == 0 {
		return nil, nil
	}
	name, err := n.textOf("DataType")
	if err != nil {
		return nil, err
	}
	t := typeNamed(name)
	if name == "" {
		if t, err = inferType(items); err != nil {
			return nil, inside("Value", err)
		}
	}
	values := make([]Value, len(items))
	for i, item := range items {
		if values[i], err = readValueJSON(t, item); err != nil {
			if n.member("Value").kind == jsonArray {
				return nil, inside(fmt.Sprintf("Value[%d]", i), err)
			}
			return nil, inside("Value", err)
		}
	}
	return values, nil
}

// inferType finds the data-type of values for which none is given (JSON Profile
// 1.1, sections 3.3.1 and 4.2.4.1): that of their JSON type, and double for
// integers among doubles. Other mixtures have none.
func inferType(items []jsonNode) (Type, error) {
	var t Type
	for _, item := range items {
		switch this := inferredType(item); {
		case this == "":
			return "", syntaxError("is %s, which stands for no data-type", item.kind)
		case t == "" || t == this:
			t = this
		case isNumeric(t) && isNumeric(this):
			t = TypeDouble
		default:
			return "", syntaxError("has values of different JSON types, and no DataType says what they are")
		}
	}
	return t, nil
}

func isNumeric(t Type) bool { return t == TypeInteger || t == TypeDouble }

func inferredType(item jsonNode) Type {
	switch item.kind {
	case jsonBool:
		return TypeBoolean
	case jsonString:
		return TypeString
	case jsonObject:
		return TypeXPathExpression
	case jsonNumber:
		if strings.ContainsAny(item.text, ".eE") {
			return TypeDouble
		}
		return TypeInteger
	default:
		return ""
	}
}

// readValueJSON reads one value. A value whose type is given may be written as a
// string or as what JSON has for it.
func readValueJSON(t Type, item jsonNode) (Value, error) {
	if t == TypeXPathExpression {
		return readXPathJSON(item)
	}
	if item.kind == jsonArray || item.kind == jsonObject {
		return nil, syntaxError("is %s, which no value of %s is written as", item.kind, t)
	}
	return parseSent(t, item.text)
}

// parseSent reads a value that someone sent. The error tells its type and not the
// value, which may be a national identity number.
func parseSent(t Type, lexical string) (Value, error) {
	v, err := ParseValue(t, lexical)
	if err == nil {
		return v, nil
	}
	known, ok := knownType(t)
	if !ok {
		return nil, syntaxError("has a data-type that XACML 3.0 does not have; see appendix B.3 of the standard for those that are")
	}
	return nil, syntaxError("is not a valid %s", known.name())
}

// isSpecialNumber tells the doubles that the JSON profile leaves out (section
// 3.3.2).
func isSpecialNumber(v Value) bool {
	d, ok := v.(Double)
	f := float64(d)
	return ok && (math.IsNaN(f) || math.IsInf(f, 0) || f == 0 && math.Signbit(f))
}

// readXPathJSON reads an xpathExpression: an object of XPathCategory, XPath and
// Namespaces, each a Prefix (none for the default) with its Namespace (JSON
// Profile 1.1, section 4.2.5).
func readXPathJSON(item jsonNode) (Value, error) {
	if err := item.need(jsonObject); err != nil {
		return nil, err
	}
	category, err := item.textOf("XPathCategory")
	if err != nil {
		return nil, err
	}
	if category == "" {
		return nil, syntaxError("XPathCategory: is missing")
	}
	path, err := item.textOf("XPath")
	if err != nil {
		return nil, err
	}
	namespaces := map[string]string{}
	for i, n := range item.list("Namespaces") {
		place := fmt.Sprintf("Namespaces[%d]", i)
		if err := n.need(jsonObject); err != nil {
			return nil, inside(place, err)
		}
		prefix, err := n.textOf("Prefix")
		if err != nil {
			return nil, inside(place, err)
		}
		uri, err := n.textOf("Namespace")
		if err != nil {
			return nil, inside(place, err)
		}
		if uri == "" {
			return nil, inside(place, syntaxError("Namespace: is missing"))
		}
		if _, twice := namespaces[prefix]; twice {
			return nil, inside(place, syntaxError("Prefix: is bound twice"))
		}
		namespaces[prefix] = uri
	}
	v, err := newXPathValue(categoryNamed(category), path, namespaces)
	if err != nil {
		return nil, inside("XPath", err)
	}
	return v, nil
}

// valueJSON writes a value as the profile has it: booleans and numbers as JSON's
// own, everything else as a string. Altinn's dialect knows strings only.
func valueJSON(v Value, d Dialect) jsonNode {
	if x, ok := v.(*xpathValue); ok && d == DialectProfile {
		return x.json()
	}
	n := jsonText(v.String())
	if d == DialectAltinn {
		return n
	}
	switch t := v.Type(); {
	case t == TypeBoolean:
		n.kind = jsonBool
	case t == TypeInteger:
		n.kind = jsonNumber
	case t == TypeDouble && !isSpecialNumber(v):
		n = jsonNode{kind: jsonNumber, text: jsonDouble(v.(Double))}
	}
	return n
}

// jsonDouble writes a finite number so that a reader that infers types sees a
// double.
func jsonDouble(d Double) string {
	s := strconv.FormatFloat(float64(d), 'g', -1, 64)
	if !strings.ContainsAny(s, ".e") {
		s += ".0"
	}
	return s
}
