package api

import (
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"mime"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/fullmakt/fullmakt"
	"github.com/fullmakt/fullmakt/audit"
	"github.com/fullmakt/fullmakt/index"
	"github.com/fullmakt/fullmakt/text"
)

// call is one request on its way through its route.
type call struct {
	server    *Server
	route     *route
	w         http.ResponseWriter
	r         *http.Request
	caller    *caller   // never nil in a handler
	now       time.Time // when the request came; the time of its decisions
	requestID string
	ownID     bool // requestID was made here
	status    int  // as written; 0 before
	snap      *index.Snapshot

	lookup    audit.Record // what a handler knows of the look-up; see account
	accounted bool
}

// snapshot returns the register that the whole of this call is answered from.
func (c *call) snapshot() (*index.Snapshot, error) {
	if c.snap == nil {
		if c.snap = c.server.node.Current(); c.snap == nil {
			return nil, statusf(http.StatusServiceUnavailable, "the register is being loaded").hinted("ask again in a moment")
		}
	}
	return c.snap, nil
}

// lang returns the language that the caller asks for, bokmål by default.
func (c *call) lang() text.Lang {
	for part := range strings.SplitSeq(c.r.Header.Get("Accept-Language"), ",") {
		tag, _, _ := strings.Cut(strings.TrimSpace(part), ";")
		primary, _, _ := strings.Cut(tag, "-")
		if lang, ok := text.ParseLang(primary); ok {
			return lang
		}
	}
	return text.NB
}

// isJSON reports whether the request says that its body is JSON.
func (c *call) isJSON() bool {
	header := c.r.Header.Get("Content-Type")
	if header == "application/json" {
		return true
	}
	media, params, err := mime.ParseMediaType(header)
	return err == nil && media == "application/json" && (params["charset"] == "" || strings.EqualFold(params["charset"], "utf-8"))
}

// body reads the request's body, which may not be longer than the limit.
func (c *call) body() ([]byte, error) {
	most := c.server.cfg.Limits.BodyBytes
	if c.r.ContentLength > most {
		return nil, tooLong(most)
	}
	reader := http.MaxBytesReader(c.w, c.r.Body, most)
	var body []byte
	var err error
	if n := c.r.ContentLength; n >= 0 {
		body = make([]byte, n)
		_, err = io.ReadFull(reader, body)
	} else {
		body, err = io.ReadAll(reader)
	}
	var over *http.MaxBytesError
	switch {
	case errors.As(err, &over):
		return nil, tooLong(most)
	case err != nil:
		return nil, fullmakt.Errorf(fullmakt.CodeInvalid, "the body of the request did not arrive whole")
	}
	return body, nil
}

func tooLong(most int64) error {
	return statusf(http.StatusRequestEntityTooLarge, "the body is longer than %d bytes", most)
}

// writeJSON answers with v as JSON.
func (c *call) writeJSON(status int, v any) error {
	body, err := json.Marshal(v)
	if err != nil {
		return fullmakt.Errorf(fullmakt.CodeInternal, "write the answer: %w", err)
	}
	c.write(status, "application/json", body)
	return nil
}

// write answers with a body that is ready.
func (c *call) write(status int, contentType string, body []byte) {
	h := c.w.Header()
	h.Set("Content-Type", contentType)
	h.Set("Content-Length", strconv.Itoa(len(body)))
	c.status = status
	c.w.WriteHeader(status)
	c.w.Write(body) // a client that has gone away is no error of ours
}

// log returns the logger of this call, with what tells it from others and no
// identifier of anybody.
func (c *call) log() *slog.Logger {
	id := c.requestID
	if !c.ownID {
		id = loggable(id)
	}
	log := c.server.log.With("route", c.route.method+" "+c.route.pattern, "request_id", id)
	if trace := c.traceID(); trace != "" {
		log = log.With("trace_id", trace)
	}
	return log
}

// traceID returns the trace id of the W3C traceparent header, or "". One that has
// an identity number in it, as hardly a random one has, is none.
func (c *call) traceID() string {
	h := c.r.Header.Get("Traceparent")
	if len(h) < 55 || h[2] != '-' || h[35] != '-' || strings.Trim(h[3:35], "0123456789abcdef") != "" || holdsNationalID(h[3:35]) {
		return ""
	}
	return h[3:35]
}

// holdsNationalID reports whether eleven characters in a row are an identity number.
func holdsNationalID(s string) bool {
	const digits = 11
	for i := 0; i+digits <= len(s); i++ {
		if _, err := fullmakt.ParseNationalID(s[i : i+digits]); err == nil {
			return true
		}
	}
	return false
}

// unlessNationalID returns s, or a word in its place where s holds an identity
// number.
func unlessNationalID(s string) string {
	if holdsNationalID(s) {
		return "withheld"
	}
	return s
}

// loggable returns a request id as it may stand in a log: what a client sends
// could hold an identity number, so digits in a long row are not repeated.
func loggable(id string) string {
	const most = 64
	run := 0
	for i := range len(id) {
		if b := id[i]; b >= '0' && b <= '9' {
			run++
		} else if b != ' ' && b != '.' && b != '-' {
			run = 0
		}
		if i >= most || run >= 9 || id[i] < ' ' || id[i] > '~' {
			return "withheld"
		}
	}
	return id
}
