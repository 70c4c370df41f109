package xacml

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

const requestXML = `<?xml version="1.0" encoding="UTF-8"?>
<Request xmlns="urn:oasis:names:tc:xacml:3.0:core:schema:wd-17" xmlns:m="urn:m" ReturnPolicyIdList="true" CombinedDecision="0">
  <RequestDefaults><XPathVersion>http://www.w3.org/TR/1999/REC-xpath-19991116</XPathVersion></RequestDefaults>
  <Attributes Category="urn:oasis:names:tc:xacml:1.0:subject-category:access-subject" xml:id="s">
    <!-- a comment -->
    <Attribute AttributeId="urn:name" Issuer="i" IncludeInResult="false">
      <AttributeValue DataType="http://www.w3.org/2001/XMLSchema#string"> Kari &amp; <![CDATA[<Ola>]]></AttributeValue>
      <AttributeValue DataType="http://www.w3.org/2001/XMLSchema#integer"> 12 </AttributeValue>
    </Attribute>
  </Attributes>
  <Attributes Category="urn:oasis:names:tc:xacml:3.0:attribute-category:resource" xml:id="r">
    <Content><m:a><b/></m:a></Content>
    <Attribute AttributeId="urn:path" IncludeInResult="true">
      <AttributeValue DataType="urn:oasis:names:tc:xacml:3.0:data-type:xpathExpression" XPathCategory="urn:oasis:names:tc:xacml:3.0:attribute-category:resource">m:a/*</AttributeValue>
    </Attribute>
  </Attributes>
  <MultiRequests>
    <RequestReference><AttributesReference ReferenceId="s"/><AttributesReference ReferenceId="r"/></RequestReference>
    <RequestReference/>
  </MultiRequests>
</Request>`

func TestRequestXML(t *testing.T) {
	req, err := ParseRequestXML([]byte(requestXML))
	if err != nil {
		t.Fatal(err)
	}
	want := CategoryAccessSubject + ` s
  urn:name i false string  Kari & <Ola>
  urn:name i false integer 12
` + CategoryResource + ` r <m:a xmlns="urn:oasis:names:tc:xacml:3.0:core:schema:wd-17" xmlns:m="urn:m"><b/></m:a>
  urn:path  true xpathExpression m:a/*
`
	if diff := cmp.Diff(want, asRead(req)); diff != "" {
		t.Error(diff)
	}
	if !req.ReturnPolicyIDList || req.CombinedDecision || req.XPathVersion != "http://www.w3.org/TR/1999/REC-xpath-19991116" {
		t.Errorf("got %+v", req)
	}
	if diff := cmp.Diff([][]string{{"s", "r"}, {}}, req.References); diff != "" {
		t.Error(diff)
	}
	nodes, err := req.Categories[1].Attributes[0].Values[0].(*xpathValue).path.nodes(ample(), req.Categories[1].Content.document)
	if err != nil || len(nodes) != 1 || nodes[0].local != "b" {
		t.Errorf("the expression gives %v, %v", nodes, err)
	}
}

// inRequest puts children into a Request element.
func inRequest(children string) string {
	return `<Request xmlns="urn:oasis:names:tc:xacml:3.0:core:schema:wd-17" ReturnPolicyIdList="false" CombinedDecision="false">` + children + `</Request>`
}

func TestRequestXMLRefused(t *testing.T) {
	value := func(attributes, text string) string {
		return inRequest("\n" + `<Attributes Category="urn:c"><Attribute AttributeId="urn:a" IncludeInResult="false"><AttributeValue ` + attributes + `>` + text + `</AttributeValue></Attribute></Attributes>`)
	}
	for _, test := range []struct{ name, src, want string }{
		{"no XML", "{}", "line 1 of the XML: text stands outside of the document's element"},
		{"an empty document", "", "the document has no element"},
		{"an element that is not closed", "<a>\n<b>", "line 2 of the XML: the element b is not closed"},
		{"tags that do not match", "<a>\n</b>", "line 2 of the XML: </b> closes no open element"},
		{"two elements", "<a/><b/>", "line 1 of the XML: the document has a second element"},
		{"a document type", `<!DOCTYPE a SYSTEM "file:///x"><a/>`, "line 1 of the XML: a document type declaration is not allowed"},
		{"an entity", "<a>&b;</a>", "line 1 of the XML: invalid character entity &b;"},
		{"a prefix that nothing declares", "<p:a/>", `line 1 of the XML: nothing declares the prefix "p"`},
		{"an attribute twice", `<a xmlns:p="u" xmlns:q="u" p:x="" q:x=""/>`, "line 1 of the XML: the element a has the attribute q:x twice"},
		{"a prefix declared twice", `<a xmlns:p="u" xmlns:p="v"/>`, `line 1 of the XML: the element a declares the prefix "p" twice`},
		{"a prefix bound to nothing", `<a xmlns:p=""/>`, `line 1 of the XML: the prefix "p" cannot be bound to ""`},
		{"another namespace", `<Request xmlns="urn:oasis:names:tc:xacml:2.0:context:schema:os"/>`,
			"the document's element is Request, and must be Request of the namespace urn:oasis:names:tc:xacml:3.0:core:schema:wd-17"},
		{"a flag that is none", `<Request xmlns="urn:oasis:names:tc:xacml:3.0:core:schema:wd-17" CombinedDecision="false" ReturnPolicyIdList="yes"/>`,
			"line 1 of the XML: ReturnPolicyIdList of Request is neither true nor false"},
		{"an element of another profile", inRequest("\n<Subject/>"), "line 2 of the XML: the element Subject has no place in Request"},
		{"text between elements", inRequest("\nx"), "line 2 of the XML: there is text in Request"},
		{"attributes without category", inRequest("<Attributes/>"), "line 1 of the XML: Attributes has no Category"},
		{"content of two elements", inRequest(`<Attributes Category="c"><Content><a/><b/></Content></Attributes>`), "line 1 of the XML: Content has 2 child elements, and must have one"},
		{"a value without type", value("", "x"), "line 2 of the XML: AttributeValue has no DataType"},
		{"a value of the wrong type", value(`DataType="http://www.w3.org/2001/XMLSchema#integer"`, "x"), "line 2 of the XML: AttributeValue is not a valid integer"},
		{"a value with elements", value(`DataType="http://www.w3.org/2001/XMLSchema#string"`, "<x/>"), "line 2 of the XML: AttributeValue has elements in it, which no data-type of the standard has"},
		{"an expression without category", value(`DataType="`+string(TypeXPathExpression)+`"`, "x"), "line 2 of the XML: AttributeValue has no XPathCategory"},
		{"an expression that is none", value(`XPathCategory="urn:c" DataType="`+string(TypeXPathExpression)+`"`, "x["),
			`line 2 of the XML: the XPath expression "x[" cannot be read at character 3: there should be the name of an element or attribute`},
		{"too deep", strings.Repeat("<a>", 201) + strings.Repeat("</a>", 201), "line 1 of the XML: elements lie more than 200 deep in each other"},
		{"too many nodes", "<a>" + strings.Repeat("<b/>", sentXML.nodes) + "</a>", "line 1 of the XML: the document has more than 400000 nodes"},
		{"too large", strings.Repeat(" ", maxDocument+1), "the document is 8388609 bytes, and may be 8388608"},
	} {
		t.Run(test.name, func(t *testing.T) {
			_, err := ParseRequestXML([]byte(test.src))
			var e *Error
			if !errors.As(err, &e) || e.Code != StatusSyntaxError {
				t.Fatalf("got %v, want a syntax error", err)
			}
			if diff := cmp.Diff(test.want, e.Message); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// A document that is written and read again is the same.
func TestXMLRoundTrip(t *testing.T) {
	for _, src := range []string{
		xpathSample,
		`<a xmlns="u"><b xmlns=""><c xmlns="u" xmlns:p="v" p:x="&lt;&#34;&#9;&#10;">&amp;&#13; ]]&gt;</c></b><?pi x?><!-- - --></a>`,
	} {
		first, err := parseContent(src)
		if err != nil {
			t.Fatal(err)
		}
		second, err := parseContent(first.String())
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(first.String(), second.String()); diff != "" {
			t.Error(diff)
		}
		if first.document.stringValue() != second.document.stringValue() {
			t.Error("the text is another")
		}
	}
}

func FuzzRequestXML(f *testing.F) {
	f.Add([]byte(requestXML))
	f.Add([]byte(inRequest(`<Attributes Category="c"><Content>t<p:a xmlns:p="u" p:b="&#10;">&lt;<!--x--><?y z?></p:a></Content></Attributes>`)))
	f.Add([]byte(xpathSample))
	f.Fuzz(func(t *testing.T, src []byte) {
		if c, err := parseContent(string(src)); err == nil {
			again, err := parseContent(c.String())
			if err != nil {
				t.Fatalf("what was written cannot be read: %v\n%s", err, c)
			}
			if again.String() != c.String() {
				t.Fatalf("%s\nis written again as\n%s", c, again)
			}
		}
		req, err := ParseRequestXML(src)
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
