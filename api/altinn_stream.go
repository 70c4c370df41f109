package api

import (
	"bufio"
	"encoding/json"
	"net/http"
)

// altinnStream writes a page item by item, so that an answer about thousands of
// parties is never whole in memory. Everything that can be refused is refused
// before it begins; values that cannot be written cut the connection.
type altinnStream struct {
	out   *bufio.Writer
	first bool
}

// streamPage begins an answer that is a page.
func (c *call) streamPage() *altinnStream { return c.streamPageTo("") }

// streamPageTo begins an answer that is a page with a link to the next, "" for the
// last.
func (c *call) streamPageTo(next string) *altinnStream {
	c.w.Header().Set("Content-Type", "application/json")
	c.status = http.StatusOK
	c.w.WriteHeader(http.StatusOK)
	s := &altinnStream{out: bufio.NewWriterSize(c.w, 1<<15), first: true}
	s.out.WriteString(`{"links":{"next":`)
	s.value(orNull(next))
	s.out.WriteString(`},"data":[`)
	return s
}

// item writes the next value of the list that is open.
func (s *altinnStream) item(v any) {
	if !s.first {
		s.out.WriteByte(',')
	}
	s.first = false
	s.value(v)
}

func (s *altinnStream) value(v any) {
	b, err := json.Marshal(v)
	if err != nil {
		panic(http.ErrAbortHandler)
	}
	s.out.Write(b) // a client that has gone away is no error of ours
}

// begin opens an item that has a value and a list: {"package":v,"permissions":[.
func (s *altinnStream) begin(name string, v any, list string) {
	if !s.first {
		s.out.WriteByte(',')
	}
	s.out.WriteString(`{"` + name + `":`)
	s.value(v)
	s.out.WriteString(`,"` + list + `":[`)
	s.first = true
}

// end closes such an item.
func (s *altinnStream) end() {
	s.out.WriteString("]}")
	s.first = false
}

// close ends the page.
func (s *altinnStream) close() {
	s.out.WriteString("]}")
	s.out.Flush()
}
