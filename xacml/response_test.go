package xacml

import (
	"math"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func mustXPath(t *testing.T, category, text string, namespaces map[string]string) Value {
	t.Helper()
	v, err := newXPathValue(category, text, namespaces)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// fullResponse has everything that a response can have.
func fullResponse(t *testing.T) *Response {
	return &Response{Results: []Result{
		{
			Decision: Permit,
			Status:   Status{Code: StatusOK},
			Obligations: []Directive{{ID: "urn:o", Assignments: []Assignment{
				{AttributeID: "urn:level", Category: "urn:altinn:minimum-authenticationlevel", Value: Integer(3)},
				{AttributeID: "urn:note", Issuer: "i", Value: String(`<"&'æ`)},
				{AttributeID: "urn:share", Value: Double(1)},
				{AttributeID: "urn:open", Value: Boolean(true)},
			}}, {ID: "urn:bare"}},
			Advice: []Directive{{ID: "urn:v", Assignments: []Assignment{
				{AttributeID: "urn:path", Value: mustXPath(t, CategoryResource, "m:a", map[string]string{"m": "urn:m"})},
			}}},
			Categories: []Category{{Category: CategoryResource, ID: "r1", Attributes: []Attribute{
				{ID: "urn:a", Issuer: "i", IncludeInResult: true, Values: []Value{String("x"), String("y")}},
				{ID: "urn:b", IncludeInResult: true, Values: []Value{AnyURI("urn:z")}},
			}}},
			Policies: []PolicyRef{{ID: "urn:p", Version: "1.0"}, {ID: "urn:s", Version: "2.1", Set: true}},
		},
		{
			Decision: Indeterminate,
			Status: Status{Code: StatusMissingAttribute, Minor: []StatusCode{"urn:minor", "urn:least"}, Message: "no age", Missing: []MissingAttribute{
				{Category: CategoryAccessSubject, ID: "urn:age", Type: TypeInteger, Issuer: "i", Values: []Value{Integer(18)}},
				{Category: CategoryAccessSubject, ID: "urn:name", Type: TypeString},
			}},
		},
	}}
}

func compact(s string) string {
	lines := strings.Split(s, "\n")
	for i, l := range lines {
		lines[i] = strings.TrimSpace(l)
	}
	return strings.Join(lines, "")
}

func TestResponseJSON(t *testing.T) {
	want := compact(`{"Response":[{"Decision":"Permit",
		"Status":{"StatusCode":{"Value":"urn:oasis:names:tc:xacml:1.0:status:ok"}},
		"Obligations":[{"Id":"urn:o","AttributeAssignment":[
			{"AttributeId":"urn:level","Value":3,"Category":"urn:altinn:minimum-authenticationlevel","DataType":"http://www.w3.org/2001/XMLSchema#integer"},
			{"AttributeId":"urn:note","Value":"<\"&'æ","DataType":"http://www.w3.org/2001/XMLSchema#string","Issuer":"i"},
			{"AttributeId":"urn:share","Value":1.0,"DataType":"http://www.w3.org/2001/XMLSchema#double"},
			{"AttributeId":"urn:open","Value":true,"DataType":"http://www.w3.org/2001/XMLSchema#boolean"}]},
			{"Id":"urn:bare","AttributeAssignment":[]}],
		"AssociatedAdvice":[{"Id":"urn:v","AttributeAssignment":[
			{"AttributeId":"urn:path","Value":{"XPathCategory":"urn:oasis:names:tc:xacml:3.0:attribute-category:resource",
			"Namespaces":[{"Prefix":"m","Namespace":"urn:m"}],"XPath":"m:a"},"DataType":"urn:oasis:names:tc:xacml:3.0:data-type:xpathExpression"}]}],
		"Category":[{"CategoryId":"urn:oasis:names:tc:xacml:3.0:attribute-category:resource","Id":"r1","Attribute":[
			{"AttributeId":"urn:a","Value":["x","y"],"DataType":"http://www.w3.org/2001/XMLSchema#string","Issuer":"i","IncludeInResult":true},
			{"AttributeId":"urn:b","Value":"urn:z","DataType":"http://www.w3.org/2001/XMLSchema#anyURI","IncludeInResult":true}]}],
		"PolicyIdentifierList":{"PolicyIdReference":[{"Id":"urn:p","Version":"1.0"}],"PolicySetIdReference":[{"Id":"urn:s","Version":"2.1"}]}},
		{"Decision":"Indeterminate","Status":{"StatusMessage":"no age",
		"StatusDetail":{"MissingAttributeDetail":[
			{"AttributeId":"urn:age","Category":"urn:oasis:names:tc:xacml:1.0:subject-category:access-subject","DataType":"http://www.w3.org/2001/XMLSchema#integer","Issuer":"i","Value":[18]},
			{"AttributeId":"urn:name","Category":"urn:oasis:names:tc:xacml:1.0:subject-category:access-subject","DataType":"http://www.w3.org/2001/XMLSchema#string"}]},
		"StatusCode":{"Value":"urn:oasis:names:tc:xacml:1.0:status:missing-attribute","StatusCode":{"Value":"urn:minor","StatusCode":{"Value":"urn:least"}}}}}]}`)
	if diff := cmp.Diff(want, string(fullResponse(t).JSON(DialectProfile))); diff != "" {
		t.Error(diff)
	}
}

// Altinn's clients throw on a Category or AttributeAssignment that is null, read
// every value as a string, and expect the other members to be there.
func TestResponseJSONForAltinn(t *testing.T) {
	response := &Response{Results: []Result{
		{Decision: NotApplicable},
		{
			Decision: Permit,
			Obligations: []Directive{{ID: "urn:o", Assignments: []Assignment{
				{AttributeID: "urn:level", Category: "urn:altinn:minimum-authenticationlevel", Value: Integer(3)}, {AttributeID: "urn:x", Value: Boolean(true)}}}, {ID: "urn:bare"}},
			Advice:     []Directive{{ID: "urn:v"}},
			Categories: []Category{{Category: CategoryResource, Attributes: []Attribute{{ID: "urn:a", IncludeInResult: true, Values: []Value{String("x"), String("y")}}}}},
			Policies:   []PolicyRef{{ID: "urn:p", Version: "1.0"}},
		},
		{Decision: Indeterminate, Status: Status{Code: StatusMissingAttribute, Missing: []MissingAttribute{{Category: "urn:c", ID: "urn:a", Type: TypeString}}}},
	}}
	want := compact(`{"response":[{"decision":"NotApplicable",
		"status":{"statusMessage":null,"statusDetails":null,"statusCode":{"value":"urn:oasis:names:tc:xacml:1.0:status:ok","statusCode":null}},
		"obligations":null,"associateAdvice":null,"category":null,"policyIdentifierList":null},
		{"decision":"Permit",
		"status":{"statusMessage":null,"statusDetails":null,"statusCode":{"value":"urn:oasis:names:tc:xacml:1.0:status:ok","statusCode":null}},
		"obligations":[{"id":"urn:o","attributeAssignment":[
			{"attributeId":"urn:level","value":"3","category":"urn:altinn:minimum-authenticationlevel","dataType":"http://www.w3.org/2001/XMLSchema#integer","issuer":null},
			{"attributeId":"urn:x","value":"true","category":"","dataType":"http://www.w3.org/2001/XMLSchema#boolean","issuer":null}]},
			{"id":"urn:bare","attributeAssignment":[]}],
		"associateAdvice":[{"id":"urn:v","attributeAssignment":[]}],
		"category":[{"categoryId":"urn:oasis:names:tc:xacml:3.0:attribute-category:resource","id":null,"content":null,"attribute":[
			{"attributeId":"urn:a","value":"x","dataType":"http://www.w3.org/2001/XMLSchema#string","issuer":null,"includeInResult":true},
			{"attributeId":"urn:a","value":"y","dataType":"http://www.w3.org/2001/XMLSchema#string","issuer":null,"includeInResult":true}]}],
		"policyIdentifierList":{"policyIdReference":[{"id":"urn:p","version":"1.0"}],"policySetIdReference":null}},
		{"decision":"Indeterminate","status":{"statusMessage":null,
		"statusDetails":["<MissingAttributeDetail Category=\"urn:c\" AttributeId=\"urn:a\" DataType=\"http://www.w3.org/2001/XMLSchema#string\"/>"],
		"statusCode":{"value":"urn:oasis:names:tc:xacml:1.0:status:missing-attribute","statusCode":null}},
		"obligations":null,"associateAdvice":null,"category":null,"policyIdentifierList":null}]}`)
	if diff := cmp.Diff(want, string(response.JSON(DialectAltinn))); diff != "" {
		t.Error(diff)
	}
}

func TestResponseXML(t *testing.T) {
	want := compact(`<Response xmlns="urn:oasis:names:tc:xacml:3.0:core:schema:wd-17">
		<Result><Decision>Permit</Decision>
		<Status><StatusCode Value="urn:oasis:names:tc:xacml:1.0:status:ok"/></Status>
		<Obligations><Obligation ObligationId="urn:o">
		<AttributeAssignment AttributeId="urn:level" DataType="http://www.w3.org/2001/XMLSchema#integer" Category="urn:altinn:minimum-authenticationlevel">3</AttributeAssignment>
		<AttributeAssignment AttributeId="urn:note" DataType="http://www.w3.org/2001/XMLSchema#string" Issuer="i">&lt;&#34;&amp;'æ</AttributeAssignment>
		<AttributeAssignment AttributeId="urn:share" DataType="http://www.w3.org/2001/XMLSchema#double">1.0E0</AttributeAssignment>
		<AttributeAssignment AttributeId="urn:open" DataType="http://www.w3.org/2001/XMLSchema#boolean">true</AttributeAssignment>
		</Obligation><Obligation ObligationId="urn:bare"/></Obligations>
		<AssociatedAdvice><Advice AdviceId="urn:v">
		<AttributeAssignment AttributeId="urn:path" DataType="urn:oasis:names:tc:xacml:3.0:data-type:xpathExpression" XPathCategory="urn:oasis:names:tc:xacml:3.0:attribute-category:resource" xmlns:m="urn:m">m:a</AttributeAssignment>
		</Advice></AssociatedAdvice>
		<Attributes Category="urn:oasis:names:tc:xacml:3.0:attribute-category:resource" xml:id="r1">
		<Attribute AttributeId="urn:a" Issuer="i" IncludeInResult="true">
		<AttributeValue DataType="http://www.w3.org/2001/XMLSchema#string">x</AttributeValue><AttributeValue DataType="http://www.w3.org/2001/XMLSchema#string">y</AttributeValue>
		</Attribute><Attribute AttributeId="urn:b" IncludeInResult="true"><AttributeValue DataType="http://www.w3.org/2001/XMLSchema#anyURI">urn:z</AttributeValue></Attribute></Attributes>
		<PolicyIdentifierList><PolicyIdReference Version="1.0">urn:p</PolicyIdReference><PolicySetIdReference Version="2.1">urn:s</PolicySetIdReference></PolicyIdentifierList>
		</Result><Result><Decision>Indeterminate</Decision><Status>
		<StatusCode Value="urn:oasis:names:tc:xacml:1.0:status:missing-attribute"><StatusCode Value="urn:minor"><StatusCode Value="urn:least"/></StatusCode></StatusCode>
		<StatusMessage>no age</StatusMessage><StatusDetail>
		<MissingAttributeDetail Category="urn:oasis:names:tc:xacml:1.0:subject-category:access-subject" AttributeId="urn:age" DataType="http://www.w3.org/2001/XMLSchema#integer" Issuer="i">
		<AttributeValue DataType="http://www.w3.org/2001/XMLSchema#integer">18</AttributeValue></MissingAttributeDetail>
		<MissingAttributeDetail Category="urn:oasis:names:tc:xacml:1.0:subject-category:access-subject" AttributeId="urn:name" DataType="http://www.w3.org/2001/XMLSchema#string"/>
		</StatusDetail></Status></Result></Response>`)
	if diff := cmp.Diff(want, string(fullResponse(t).XML())); diff != "" {
		t.Error(diff)
	}
}

// sameResponse compares responses by what they say: an xpathExpression by its text.
var sameResponse = cmp.Options{
	cmp.AllowUnexported(xpathValue{}),
	cmp.FilterPath(func(p cmp.Path) bool { return p.Last().String() == ".path" }, cmp.Ignore()),
}

func TestResponseRoundTrip(t *testing.T) {
	want := fullResponse(t)
	fromXML, err := ParseResponseXML(want.XML())
	if err != nil {
		t.Fatal(err)
	}
	// The XML default namespace is in scope of what is read, and no part of what was written.
	delete(fromXML.Results[0].Advice[0].Assignments[0].Value.(*xpathValue).namespaces, "")
	if diff := cmp.Diff(want, fromXML, sameResponse); diff != "" {
		t.Error(diff)
	}
	fromJSON, err := ParseResponseJSON(want.JSON(DialectProfile))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, fromJSON, sameResponse); diff != "" {
		t.Error(diff)
	}
	fromAltinn, err := ParseResponseJSON((&Response{Results: want.Results[1:]}).JSON(DialectAltinn))
	if err != nil {
		t.Fatal(err)
	}
	want.Results[1].Status.Missing = nil // text in that dialect
	if diff := cmp.Diff(want.Results[1:], fromAltinn.Results, sameResponse); diff != "" {
		t.Error(diff)
	}
}

// An answer can always be written and read again, also with what JSON has no
// numbers for and XML no characters.
func TestResponseExtremes(t *testing.T) {
	for _, v := range []Value{Double(math.Inf(1)), Double(math.Inf(-1)), Double(math.NaN()), Double(math.Copysign(0, -1)), Double(1e300), Integer(math.MinInt64), String("a\tb\r\nc"), String("")} {
		r := &Response{Results: []Result{{Status: Status{Code: StatusOK}, Obligations: []Directive{{ID: "o", Assignments: []Assignment{{AttributeID: "a", Value: v}}}}}}}
		for _, d := range []Dialect{DialectProfile, DialectAltinn} {
			got, err := ParseResponseJSON(r.JSON(d))
			if err != nil {
				t.Fatalf("%v: %v", v, err)
			}
			if g := got.Results[0].Obligations[0].Assignments[0].Value; g.String() != v.String() || g.Type() != v.Type() {
				t.Errorf("%q came back as %q", v, g)
			}
		}
		got, err := ParseResponseXML(r.XML())
		if err != nil {
			t.Fatalf("%v: %v", v, err)
		}
		if g := got.Results[0].Obligations[0].Assignments[0].Value; g.String() != v.String() || g.Type() != v.Type() {
			t.Errorf("%q came back from XML as %q", v, g)
		}
	}
	r := &Response{Results: []Result{{Status: Status{Code: StatusOK, Message: "\x00\x1f\ufffe\xff"}}}}
	if got, err := ParseResponseXML(r.XML()); err != nil || strings.Trim(got.Results[0].Status.Message, "\ufffd") != "" {
		t.Errorf("%v %v", got, err)
	}
}

func TestResponseRefused(t *testing.T) {
	for _, test := range []struct{ src, want string }{
		{`{}`, `the document has no Response; a response is {"Response": [...]}`},
		{`{"Response":[{"Decision":"Yes"}]}`, `Response[0].Decision: is none of Permit, Deny, NotApplicable and Indeterminate`},
		{`{"Response":[{"Decision":"Permit","Obligations":["x"]}]}`, `Response[0].Obligations[0]: is a string, and must be an object`},
		{`{"Response":[{"Decision":"Permit","Obligations":[{"Id":"o","AttributeAssignment":[{"AttributeId":"a"}]}]}]}`, `Response[0].Obligations[0].AttributeAssignment[0].Value: must be one value`},
	} {
		if _, err := ParseResponseJSON([]byte(test.src)); err == nil || err.Error() != test.want {
			t.Errorf("%s: got %v, want %s", test.src, err, test.want)
		}
	}
	if _, err := ParseResponseXML([]byte(`<Response xmlns="urn:oasis:names:tc:xacml:3.0:core:schema:wd-17"><Result/></Response>`)); err == nil {
		t.Error("a result without decision is read")
	}
}
