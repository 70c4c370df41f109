package xacml

import (
	"bytes"
	"encoding/json"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// plain returns what encoding/json would make of the same JSON.
func (n jsonNode) plain() any {
	switch n.kind {
	case jsonBool:
		return n.text == "true"
	case jsonNumber:
		return json.Number(n.text)
	case jsonString:
		return n.text
	case jsonArray:
		out := []any{}
		for _, item := range n.items {
			out = append(out, item.plain())
		}
		return out
	case jsonObject:
		out := map[string]any{}
		for i, name := range n.names {
			out[name] = n.items[i].plain()
		}
		return out
	}
	return nil
}

// checkJSON holds the reader and the writer of JSON to encoding/json.
func checkJSON(t *testing.T, src []byte) {
	t.Helper()
	n, err := readJSON(src)
	if err != nil {
		return
	}
	var want, again any
	d := json.NewDecoder(bytes.NewReader(src))
	d.UseNumber()
	if err := d.Decode(&want); err != nil {
		t.Fatalf("%q is read, and is no JSON: %v", src, err)
	}
	if diff := cmp.Diff(want, n.plain()); diff != "" {
		t.Fatalf("%q is read otherwise:\n%s", src, diff)
	}
	written := n.appendJSON(nil, false)
	d = json.NewDecoder(bytes.NewReader(written))
	d.UseNumber()
	if err := d.Decode(&again); err != nil || !cmp.Equal(want, again) {
		t.Fatalf("%q is written as %q, %v", src, written, err)
	}
}

func TestReadJSON(t *testing.T) {
	for _, src := range []string{
		`null`, ` true `, "false\n", `0`, `-1.5e+10`, `1E400`, `""`, `"a\"b\\"`, `"\\"`, `"\u00e6\ud83d\ude00\n/\/"`, "\"æ\u2028\"", `"\ud800"`,
		`[]`, `[ ]`, `[1,2 ,3]`, `[[],{}, null]`, `{}`, "{ \"a\" : 1 ,\t\"b\\u0063\":[true,{\"d\":\"\"}]\r\n}", `{"a":{"b":{"c":[-0,0.0]}},"A b":"x"}`,
	} {
		if _, err := readJSON([]byte(src)); err != nil {
			t.Errorf("%s: %v", src, err)
		}
		checkJSON(t, []byte(src))
	}
	for _, src := range []string{``, ` `, `{`, `{"a"}`, `{"a":1,}`, `[1,]`, `[1 2]`, `01`, `+1`, `.5`, `tru`, `'a'`, `"a`, "\"\t\"", `{a:1}`, `[] []`, "\ufeff{}"} {
		if n, err := readJSON([]byte(src)); err == nil {
			t.Errorf("%q is read as %+v", src, n)
		}
	}
}
