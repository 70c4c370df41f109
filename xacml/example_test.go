package xacml_test

import (
	"fmt"
	"log"
	"time"

	"github.com/fullmakt/fullmakt/xacml"
)

// A policy is compiled once, and an engine then answers requests against it.
func Example() {
	policy, err := xacml.ParsePolicy("hours.xml", []byte(`
<Policy xmlns="urn:oasis:names:tc:xacml:3.0:core:schema:wd-17" PolicyId="hours" Version="1.0"
    RuleCombiningAlgId="urn:oasis:names:tc:xacml:3.0:rule-combining-algorithm:deny-unless-permit">
  <Target/>
  <Rule RuleId="readers" Effect="Permit">
    <Target><AnyOf><AllOf><Match MatchId="urn:oasis:names:tc:xacml:1.0:function:string-equal">
      <AttributeValue DataType="http://www.w3.org/2001/XMLSchema#string">read</AttributeValue>
      <AttributeDesignator MustBePresent="false" DataType="http://www.w3.org/2001/XMLSchema#string"
        Category="urn:oasis:names:tc:xacml:3.0:attribute-category:action" AttributeId="urn:oasis:names:tc:xacml:1.0:action:action-id"/>
    </Match></AllOf></AnyOf></Target>
  </Rule>
</Policy>`))
	if err != nil {
		log.Fatal(err)
	}
	request, dialect, err := xacml.ParseRequestJSON([]byte(`{"Request": {"Action": {"Attribute": [
		{"AttributeId": "urn:oasis:names:tc:xacml:1.0:action:action-id", "Value": "read"}]}}}`))
	if err != nil {
		log.Fatal(err)
	}
	engine := xacml.NewEngine(xacml.Options{Roots: []*xacml.Policy{policy}})
	response := engine.Evaluate(request, time.Now())
	fmt.Println(response.Results[0].Decision)
	fmt.Printf("%s\n", response.JSON(dialect))
	// Output:
	// Permit
	// {"Response":[{"Decision":"Permit","Status":{"StatusCode":{"Value":"urn:oasis:names:tc:xacml:1.0:status:ok"}}}]}
}
