package xacml

import (
	"bytes"
	"encoding/xml"
	"errors"
	"sync"
	"time"
)

// Library holds policy documents for references. A document is compiled when a
// reference first needs it, so one that is wrong does no harm until then. It may
// be used by several goroutines at once.
type Library struct {
	mu    sync.Mutex
	books []*book
}

// book is one document of a library.
type book struct {
	source   Source
	id       string
	set      bool
	compiled bool
	policy   *Policy
	err      error
}

// Add puts a document into the library. Only the identifier at its head is read
// now; a document in which there is none is never found.
func (l *Library) Add(source Source) {
	b := &book{source: source}
	b.id, b.set = identify(source.Text)
	l.mu.Lock()
	defer l.mu.Unlock()
	l.books = append(l.books, b)
}

// identify reads the identifier of a policy from its first element.
func identify(src []byte) (id string, set bool) {
	decoder := xml.NewDecoder(bytes.NewReader(src))
	decoder.CharsetReader = readCharset
	for {
		token, err := decoder.RawToken()
		if err != nil {
			return "", false
		}
		start, ok := token.(xml.StartElement)
		if !ok {
			continue
		}
		set = start.Name.Local == "PolicySet"
		name := "PolicyId"
		if set {
			name = "PolicySetId"
		}
		for _, a := range start.Attr {
			if a.Name.Local == name && a.Name.Space == "" {
				return trimXML(a.Value), set
			}
		}
		return "", set
	}
}

// Find returns the policy that a reference means: the latest of the matching
// versions, or nil when there is none. It compiles every document with the
// reference's identifier; when none that can be read matches, the error of one
// that cannot is returned. It is what Options.Find wants.
func (l *Library) Find(ref Reference) (*Policy, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	var policies []*Policy
	var failed error
	for _, b := range l.books {
		if b.id != ref.ID || b.set != ref.Set || b.id == "" {
			continue
		}
		if !b.compiled {
			b.policy, b.err = ParsePolicy(b.source.Name, b.source.Text)
			b.compiled = true
		}
		if b.err != nil {
			failed = b.err
			continue
		}
		policies = append(policies, b.policy)
	}
	if best := ref.Choose(policies); best != nil {
		return best, nil
	}
	return nil, failed
}

// Answered is a response with the notation that it is written in, and what was
// evaluated for it.
type Answered struct {
	Response *Response
	Dialect  Dialect
	Trace    *Trace // nil when the request or a root policy could not be read
}

// Answer decides a request that has not been read yet against policies that have
// not been either: the whole way of a decision point, for a command or a test. A
// request or root policy that is wrong gives the result Indeterminate with the
// status code of what is wrong (section 7.19).
//
// The request is XML when its first character is "<", and else JSON.
func Answer(roots []Source, library *Library, request []byte, now time.Time) Answered {
	engine, err := newEngineOf(roots, library)
	return answer(engine, err, request, now)
}

// newEngineOf compiles root policies.
func newEngineOf(roots []Source, library *Library) (*Engine, error) {
	o := Options{Find: library.Find}
	for _, root := range roots {
		policy, err := ParsePolicy(root.Name, root.Text)
		if err != nil {
			return nil, err
		}
		o.Roots = append(o.Roots, policy)
	}
	return NewEngine(o), nil
}

// answer decides a request; refused is why the policies cannot be used.
func answer(engine *Engine, refused error, request []byte, now time.Time) Answered {
	req, dialect, err := ParseRequest(request)
	if err == nil {
		err = refused
	}
	if err != nil {
		return Answered{Response: Refusal(err), Dialect: dialect}
	}
	response, trace := engine.Explain(req, now)
	return Answered{response, dialect, trace}
}

// ParseRequest reads a request in XML or JSON, whichever it is.
func ParseRequest(src []byte) (*Request, Dialect, error) {
	if bytes.HasPrefix(bytes.TrimLeft(bytes.TrimPrefix(src, []byte("\xef\xbb\xbf")), " \t\r\n"), []byte("<")) {
		req, err := ParseRequestXML(src)
		return req, DialectProfile, err
	}
	return ParseRequestJSON(src)
}

// Refusal is the response to what cannot be evaluated at all: one result,
// Indeterminate, with the status code of the error, or processing-error when it
// has none.
func Refusal(err error) *Response {
	status := Status{Code: StatusProcessingError, Message: err.Error()}
	var known *Error
	if errors.As(err, &known) {
		status.Code, status.Missing = known.Code, known.Missing
	}
	return &Response{Results: []Result{{Decision: Indeterminate, Status: status}}}
}
