package xacml

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// asRead writes a request in a form that is easy to compare: one line for each
// category and each value.
func asRead(r *Request) string {
	var b strings.Builder
	for _, c := range r.Categories {
		b.WriteString(c.Category + " " + c.ID)
		if c.Content != nil {
			b.WriteString(" " + c.Content.String())
		}
		b.WriteString("\n")
		for _, a := range c.Attributes {
			for _, v := range a.Values {
				b.WriteString("  " + a.ID + " " + a.Issuer + " " + boolText(a.IncludeInResult) + " " + v.Type().name() + " " + v.String() + "\n")
			}
			if len(a.Values) == 0 {
				b.WriteString("  " + a.ID + " without values\n")
			}
		}
	}
	return b.String()
}

// A policy enforcement library writes every member it knows, most of them null.
const enforcementRequest = `{"request":{"returnPolicyIdList":false,"combinedDecision":false,"xPathVersion":null,"category":null,
 "resource":[{"categoryId":null,"id":null,"content":null,"attribute":[
   {"attributeId":"urn:altinn:resource","value":"skatt","issuer":null,"dataType":"string","includeInResult":false},
   {"attributeId":"urn:altinn:partyid","value":"50001","issuer":"Altinn","dataType":"http://www.w3.org/2001/XMLSchema#string","includeInResult":true}]}],
 "action":[{"categoryId":null,"id":null,"content":null,"attribute":[
   {"attributeId":"urn:oasis:names:tc:xacml:1.0:action:action-id","value":"read","issuer":null,"dataType":"string","includeInResult":true}]}],
 "accessSubject":[{"categoryId":null,"id":null,"content":null,"attribute":[
   {"attributeId":"urn:altinn:userid","value":"20001","issuer":null,"dataType":null,"includeInResult":false}]}],
 "recipientSubject":null,"intermediarySubject":null,"requestingMachine":null,"multiRequests":null}}`

func TestRequestOfAnEnforcementLibrary(t *testing.T) {
	req, dialect, err := ParseRequestJSON([]byte(enforcementRequest))
	if err != nil {
		t.Fatal(err)
	}
	if dialect != DialectAltinn {
		t.Errorf("dialect %d, want that of Altinn", dialect)
	}
	want := CategoryAccessSubject + ` 
  urn:altinn:userid  false string 20001
` + CategoryResource + ` 
  urn:altinn:resource  false string skatt
  urn:altinn:partyid Altinn true string 50001
` + CategoryAction + ` 
  urn:oasis:names:tc:xacml:1.0:action:action-id  true string read
`
	if diff := cmp.Diff(want, asRead(req)); diff != "" {
		t.Error(diff)
	}
	if req.References != nil || req.CombinedDecision || req.ReturnPolicyIDList {
		t.Error("what is null or false in the request is set")
	}
}

// withAttribute puts the members of an attribute into a request.
func withAttribute(members string) string {
	return `{"Request":{"Category":[{"CategoryId":"urn:c","Attribute":[{"AttributeId":"urn:a",` + members + `}]}]}}`
}

func TestValuesJSON(t *testing.T) {
	for _, test := range []struct{ name, members, want string }{
		{"a string is a string", `"Value":"x"`, "string x"},
		{"a boolean is a boolean", `"Value":true`, "boolean true"},
		{"a number without fraction is an integer", `"Value":-12`, "integer -12"},
		{"a number with fraction is a double", `"Value":1.5`, "double 1.5E0"},
		{"a number with exponent is a double", `"Value":15e-1`, "double 1.5E0"},
		{"an array of one type", `"Value":["x","y"]`, "string x|string y"},
		{"integers among doubles are doubles", `"Value":[1,2.5]`, "double 1.0E0|double 2.5E0"},
		{"doubles before integers too", `"Value":[2.5,1]`, "double 2.5E0|double 1.0E0"},
		{"no values", `"Value":[]`, ""},
		{"null is no value", `"Value":null`, ""},
		{"a short type name", `"DataType":"date","Value":"2026-11-22"`, "date 2026-11-22"},
		{"a whole type name", `"DataType":"http://www.w3.org/2001/XMLSchema#anyURI","Value":"urn:x"`, "anyURI urn:x"},
		{"a number where a string is wanted", `"DataType":"string","Value":5`, "string 5"},
		{"a string where an integer is wanted", `"DataType":"integer","Value":"5"`, "integer 5"},
		{"an integer where a double is wanted", `"DataType":"double","Value":5`, "double 5.0E0"},
		{"an expression", `"DataType":"xpathExpression","Value":{"XPathCategory":"urn:c","Namespaces":[{"Prefix":"m","Namespace":"urn:m"}],"XPath":"m:a/m:b"}`, "xpathExpression m:a/m:b"},
		{"an object is an expression", `"Value":{"XPathCategory":"Resource","XPath":"a"}`, "xpathExpression a"},
		{"one attribute in place of an array", `"Value":"x","Issuer":"i","IncludeInResult":true`, "string x"},
	} {
		t.Run(test.name, func(t *testing.T) {
			req, _, err := ParseRequestJSON([]byte(withAttribute(test.members)))
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, v := range req.Categories[0].Attributes[0].Values {
				got = append(got, v.Type().name()+" "+v.String())
			}
			if diff := cmp.Diff(test.want, strings.Join(got, "|")); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestRequestJSONShapes(t *testing.T) {
	const attribute = `{"AttributeId":"urn:a","Value":1}`
	for _, test := range []struct{ name, src, want string }{
		{"one category in place of an array", `{"Request":{"Resource":{"Attribute":` + attribute + `}}}`, CategoryResource + " \n  urn:a  false integer 1\n"},
		{"every shorthand, after Category", `{"Request":{"RecipientSubject":{},"IntermediarySubject":{},"Codebase":{},"RequestingMachine":{},"Environment":{},
			"Action":{},"Resource":{},"AccessSubject":{},"Category":[{"CategoryId":"urn:c"}]}}`,
			strings.Join([]string{"urn:c", CategoryAccessSubject, CategoryRecipientSubject, CategoryIntermediarySubject, CategoryCodebase,
				CategoryRequestingMachine, CategoryResource, CategoryAction, CategoryEnvironment, ""}, " \n")},
		{"a shorthand name as CategoryId", `{"Request":{"Category":{"CategoryId":"Resource","Id":"r1"}}}`, CategoryResource + " r1\n"},
		{"a category that is named twice over", `{"Request":{"Resource":{"CategoryId":"` + CategoryResource + `"}}}`, CategoryResource + " \n"},
		{"an unknown member", `{"Request":{"Resource":{"Colour":{"a":[1,{}]}}},"More":1}`, CategoryResource + " \n"},
		{"content as XML", `{"Request":{"Resource":{"Content":" <a>\"x\"</a>"}}}`, CategoryResource + `  <a>&#34;x&#34;</a>` + "\n"},
		{"content as Base64", `{"Request":{"Resource":{"Content":"PGEvPg=="}}}`, CategoryResource + "  <a/>\n"},
		{"nothing", `{"Request":{}}`, ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			req, dialect, err := ParseRequestJSON([]byte(test.src))
			if err != nil {
				t.Fatal(err)
			}
			if dialect != DialectProfile {
				t.Errorf("dialect %d, want the profile's", dialect)
			}
			if diff := cmp.Diff(test.want, asRead(req)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestRequestJSONReferences(t *testing.T) {
	req, _, err := ParseRequestJSON([]byte(`{"Request":{"ReturnPolicyIdList":true,"CombinedDecision":true,"XPathVersion":"v",
		"MultiRequests":{"RequestReference":[{"ReferenceId":["s","r1"]},{"ReferenceId":["s","r2"]},{"ReferenceId":[]}]}}}`))
	if err != nil {
		t.Fatal(err)
	}
	want := &Request{ReturnPolicyIDList: true, CombinedDecision: true, XPathVersion: "v", References: [][]string{{"s", "r1"}, {"s", "r2"}, {}}}
	if diff := cmp.Diff(want, req, cmp.AllowUnexported(Request{})); diff != "" {
		t.Error(diff)
	}
}

func TestRequestJSONRefused(t *testing.T) {
	for _, test := range []struct{ name, src, want string }{
		{"no JSON", `{"Request":`, "line 1 is not JSON: unexpected end of JSON input"},
		{"something after the document", "{}\n{}", "line 2 is not JSON: invalid character '{' after top-level value"},
		{"no UTF-8", "{\"Request\":\"\xff\"}", "the document is not UTF-8"},
		{"no request", `{"Response":[]}`, `the document has no object Request; a request is {"Request": {...}}`},
		{"a request that is an array", `{"Request":[]}`, `the document has no object Request; a request is {"Request": {...}}`},
		{"a member twice", `{"Request":{"Resource":[],"Resource":[]}}`, `a JSON object has the member "Resource" twice; names that differ only in case count as the same`},
		{"a member in two casings", `{"Request":{},"request":{}}`, `a JSON object has the member "Request" twice; names that differ only in case count as the same`},
		{"a flag in quotes", `{"Request":{"CombinedDecision":"true"}}`, "Request.CombinedDecision: is a string, and must be true or false"},
		{"a category that is a string", `{"Request":{"Resource":["x"]}}`, "Request.Resource[0]: is a string, and must be an object"},
		{"a category without name", `{"Request":{"Category":[{}]}}`, "Request.Category[0].CategoryId: is missing"},
		{"a category of two names", `{"Request":{"Resource":{"CategoryId":"urn:other"}}}`, "Request.Resource[0].CategoryId: names another category than the member it stands in; put it under Category"},
		{"an attribute without name", `{"Request":{"Resource":{"Attribute":[{"Value":1}]}}}`, "Request.Resource[0].Attribute[0].AttributeId: is missing"},
		{"content that is neither", `{"Request":{"Resource":{"Content":"?"}}}`, "Request.Resource[0].Content: is neither XML nor the Base64 of XML"},
		{"content with a document type", `{"Request":{"Resource":{"Content":"<!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>"}}}`, "Request.Resource[0].Content: line 1 of the XML: a document type declaration is not allowed"},
		{"a value of the wrong type", withAttribute(`"DataType":"integer","Value":"20010112345x"`), "Request.Category[0].Attribute[0].Value: is not a valid integer"},
		{"an integer out of range", withAttribute(`"Value":9223372036854775808`), "Request.Category[0].Attribute[0].Value: is not a valid integer"},
		{"an unknown type", withAttribute(`"DataType":"int","Value":5`), "Request.Category[0].Attribute[0].Value: has a data-type that XACML 3.0 does not have; see appendix B.3 of the standard for those that are"},
		{"a mixture of types", withAttribute(`"Value":["x",1]`), "Request.Category[0].Attribute[0].Value: has values of different JSON types, and no DataType says what they are"},
		{"an array in an array", withAttribute(`"Value":[["x"]]`), "Request.Category[0].Attribute[0].Value: is an array, which stands for no data-type"},
		{"negative zero", withAttribute(`"Value":-0.0`), "Request.Category[0].Attribute[0].Value: is a special number (NaN, an infinity or negative zero), which the JSON profile does not allow"},
		{"no number", withAttribute(`"DataType":"double","Value":["1","NaN"]`), "Request.Category[0].Attribute[0].Value: is a special number (NaN, an infinity or negative zero), which the JSON profile does not allow"},
		{"an expression without category", withAttribute(`"Value":{"XPath":"a"}`), "Request.Category[0].Attribute[0].Value.XPathCategory: is missing"},
		{"a prefix without namespace", withAttribute(`"Value":{"XPathCategory":"urn:c","XPath":"a","Namespaces":[{"Prefix":"m"}]}`), "Request.Category[0].Attribute[0].Value.Namespaces[0].Namespace: is missing"},
		{"a prefix bound twice", withAttribute(`"Value":{"XPathCategory":"urn:c","XPath":"a","Namespaces":[{"Namespace":"u"},{"Prefix":"","Namespace":"v"}]}`), "Request.Category[0].Attribute[0].Value.Namespaces[1].Prefix: is bound twice"},
		{"an expression as a string", withAttribute(`"DataType":"xpathExpression","Value":"a"`), "Request.Category[0].Attribute[0].Value: is a string, and must be an object"},
		{"a reference that is a number", `{"Request":{"MultiRequests":{"RequestReference":[{"ReferenceId":[1]}]}}}`, "Request.MultiRequests.RequestReference[0].ReferenceId[0]: is a number, and must be a string"},
		{"too deep", `{"Request":` + strings.Repeat("[", 100) + strings.Repeat("]", 100) + "}", "JSON values lie more than 64 deep in each other"},
		{"too large", strings.Repeat(" ", maxDocument+1), "the document is 8388609 bytes, and may be 8388608"},
	} {
		t.Run(test.name, func(t *testing.T) {
			_, _, err := ParseRequestJSON([]byte(test.src))
			var e *Error
			if !errors.As(err, &e) {
				t.Fatalf("got %v, want an *Error", err)
			}
			if e.Code != StatusSyntaxError {
				t.Errorf("status %s", e.Code)
			}
			if diff := cmp.Diff(test.want, e.Message); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// The answer to a request that cannot be read has the caller's casing too.
func TestDialectOfAWrongRequest(t *testing.T) {
	_, dialect, err := ParseRequestJSON([]byte(`{"request":{"resource":1}}`))
	if err == nil || dialect != DialectAltinn {
		t.Errorf("dialect %d and error %v", dialect, err)
	}
}

func FuzzRequestJSON(f *testing.F) {
	f.Add([]byte(enforcementRequest))
	f.Add([]byte(withAttribute(`"DataType":"xpathExpression","Value":{"XPathCategory":"urn:c","Namespaces":[{"Prefix":"m","Namespace":"urn:m"}],"XPath":"m:a[2]/@b"}`)))
	f.Add([]byte(`{"Request":{"Resource":[{"Id":"r","Content":"<a xmlns:m='urn:m'><m:b/></a>","Attribute":[{"AttributeId":"x","Value":[1,2.5]}]}],"MultiRequests":{"RequestReference":[{"ReferenceId":["r"]}]}}}`))
	f.Fuzz(func(t *testing.T, src []byte) {
		checkJSON(t, src)
		req, _, err := ParseRequestJSON(src)
		if err != nil {
			var e *Error
			if !errors.As(err, &e) || e.Code == "" {
				t.Fatalf("error %v has no status code", err)
			}
			return
		}
		checkRoundTrip(t, req)
	})
}

// checkRoundTrip writes what was read of a request as a result, in every notation,
// and reads it again.
func checkRoundTrip(t *testing.T, req *Request) {
	t.Helper()
	requests, err := req.individual()
	if err != nil {
		return
	}
	for _, r := range requests[:min(len(requests), 3)] {
		response := &Response{Results: []Result{{Decision: Permit, Status: Status{Code: StatusOK}, Categories: includeInResult(r)}}}
		for _, again := range []func() (*Response, error){
			func() (*Response, error) { return ParseResponseXML(response.XML()) },
			func() (*Response, error) { return ParseResponseJSON(response.JSON(DialectProfile)) },
		} {
			got, err := again()
			if err != nil {
				t.Fatalf("the answer cannot be read: %v\n%s\n%s", err, response.XML(), response.JSON(DialectProfile))
			}
			if got.Results[0].Decision != Permit {
				t.Fatal("the decision is another")
			}
		}
	}
}
