package api

import (
	"bytes"
	"encoding/json"
	"net/http"
	"sync"
	"time"

	"github.com/fullmakt/fullmakt/node"
)

const (
	streamPause    = 500 * time.Millisecond // between two looks for something new
	heartbeats     = 15 * time.Second       // of a stream where nothing happens
	streamWrite    = 20 * time.Second       // for one part of a stream to be taken
	streamsOfOne   = 16                     // that one client may have open
	streamsOfAll   = 1000
	reconnectAfter = "2000" // milliseconds
)

// streams counts the streams that are open, and ends them when the server stops.
type streams struct {
	mu      sync.Mutex
	open    map[string]int // by client
	all     int
	stopped chan struct{}
	once    sync.Once
}

func newStreams() *streams {
	return &streams{open: map[string]int{}, stopped: make(chan struct{})}
}

// take counts a stream of a client in, or reports that there are too many.
func (x *streams) take(client string) bool {
	x.mu.Lock()
	defer x.mu.Unlock()
	if x.all >= streamsOfAll || x.open[client] >= streamsOfOne {
		return false
	}
	x.all++
	x.open[client]++
	return true
}

func (x *streams) leave(client string) {
	x.mu.Lock()
	defer x.mu.Unlock()
	x.all--
	if x.open[client]--; x.open[client] == 0 {
		delete(x.open, client)
	}
}

// Stop ends the streams of events, so that a server that is shut down does not
// wait for them. Their clients go on elsewhere from where they were.
func (s *Server) Stop() { s.streams.once.Do(func() { close(s.streams.stopped) }) }

// streamEvents answers with server-sent events: those after a position, and then
// each as it happens, until the client leaves, its token expires or its authority
// ends. The id of each is its position, so that a client that connects again goes
// on after the last it saw.
func (s *Server) streamEvents(c *call, f *feed, after node.Position) error {
	client := c.caller.key()
	if !s.streams.take(client) {
		return statusf(http.StatusTooManyRequests, "too many streams are open").hinted("at most %d for one client", streamsOfOne)
	}
	defer s.streams.leave(client)
	x := &eventStream{s: s, c: c, f: f, after: after, control: http.NewResponseController(c.w)}
	// What cannot be read at all is an error as for a batch.
	page, err := x.page()
	if err != nil {
		return err
	}
	c.accountFeed(f, 0)
	h := c.w.Header()
	h.Set("Content-Type", typeStream)
	h.Set("X-Accel-Buffering", "no") // a proxy that gathers would hold events back
	c.status = http.StatusOK
	c.w.WriteHeader(http.StatusOK)
	x.out.WriteString("retry: " + reconnectAfter + "\n\n")
	x.run(page)
	return nil
}

// eventStream is one stream under way.
type eventStream struct {
	s       *Server
	c       *call
	f       *feed
	after   node.Position
	control *http.ResponseController
	out     bytes.Buffer
}

func (x *eventStream) page() (node.EventsPage, error) {
	return x.s.node.Events(x.c.r.Context(), node.EventsQuery{Organisation: x.f.organisation, Reader: x.f.reader, After: x.after, Limit: usualEvents})
}

// run sends pages until the stream ends. From then on errors can only end it: the
// client connects again, and is told then.
func (x *eventStream) run(page node.EventsPage) {
	look, beat := time.NewTicker(streamPause), time.NewTicker(heartbeats)
	defer look.Stop()
	defer beat.Stop()
	for {
		if !x.send(page) {
			return
		}
		for fresh := page.More; !fresh; {
			select {
			case <-x.c.r.Context().Done():
				return
			case <-x.s.streams.stopped:
				return
			case <-beat.C:
				x.out.WriteString(": nothing new\n\n")
				if !x.flush() {
					return
				}
				continue
			case <-look.C:
			}
			if !x.stands() {
				x.out.WriteString("event: end\ndata: the authority to read these events has ended\n\n")
				x.flush()
				return
			}
			fresh = x.s.node.Current().Seq() > x.after.Seq
		}
		var err error
		if page, err = x.page(); err != nil {
			if x.c.r.Context().Err() == nil {
				x.c.log().Error("a stream of events ended", "error", err)
			}
			return
		}
	}
}

// stands reports whether the caller may still read the feed.
func (x *eventStream) stands() bool {
	who, snap := x.c.caller, x.s.node.Current()
	if snap == nil || !who.expires.IsZero() && x.s.now().After(who.expires.Add(leeway)) {
		return false
	}
	return x.s.mayRead(x.c, snap, x.f) == nil
}

// send writes a page, and the position after it.
func (x *eventStream) send(page node.EventsPage) bool {
	if !x.stands() {
		return false
	}
	written := x.after
	for i := range page.Events {
		e := &page.Events[i]
		if !x.f.wants(e.Type) {
			continue
		}
		body, err := json.Marshal(NewCloudEvent(e, x.s.eventSource()))
		if err != nil {
			return false
		}
		written = e.Position
		x.out.WriteString("id: " + e.Position.String() + "\ndata: ")
		x.out.Write(body)
		x.out.WriteString("\n\n")
	}
	if x.after = page.Next; written != x.after {
		x.out.WriteString("id: " + x.after.String() + "\n\n") // no event, and yet where to go on
	}
	return x.flush()
}

// flush sends what was written, and reports whether the client took it.
func (x *eventStream) flush() bool {
	// A server without deadlines takes what it is given.
	_ = x.control.SetWriteDeadline(time.Now().Add(streamWrite))
	_, err := x.c.w.Write(x.out.Bytes())
	x.out.Reset()
	return err == nil && x.control.Flush() == nil
}
