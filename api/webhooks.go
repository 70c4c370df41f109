package api

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"encoding/base64"
	"encoding/json"
	"errors"
	"io"
	"net"
	"net/http"
	"net/netip"
	"slices"
	"strconv"
	"sync"
	"syscall"
	"time"

	"github.com/fullmakt/fullmakt"
	"github.com/fullmakt/fullmakt/index"
	"github.com/fullmakt/fullmakt/node"
)

// WebhooksConfig says how events are sent to subscribers.
type WebhooksConfig struct {
	// Off sends nothing from this server: of several on one store only one sends.
	Off bool `json:"off"`
	// AllowPrivate lets addresses be sent to that are not public ones. Subscribers
	// could reach what only this machine should.
	AllowPrivate bool `json:"allow_private"`
}

const (
	deliveryTries  = 10               // of one event, before it becomes a dead letter
	deliveryWait   = time.Second      // before the second try; doubled before each further one
	deliveryLong   = 15 * time.Minute // at most
	deliveryTime   = 10 * time.Second // for one request
	deliveryRound  = 20 * time.Second // of one subscriber, before the others get their turn again
	deliveriesOnce = 16               // subscribers sent to at a time
	mostDead       = 1000             // dead letters of a subscription; with more it waits
)

// delivery is how far the sending to one subscriber has come. The log keeps it, so
// that a server that was killed goes on where it was: an event may come twice, and
// none is left out or overtakes another.
type delivery struct {
	After string   `json:"after"`
	Dead  []string `json:"dead,omitempty"` // the ids of events that could not be delivered
}

// sender sends events to subscribers.
type sender struct {
	s    *Server
	http *http.Client
	key  ed25519.PrivateKey

	mu    sync.Mutex
	under map[string]*sending // by subscription
}

// sending is what a server remembers of one subscription while it runs.
type sending struct {
	busy  bool
	tries int // of the event that comes next
	next  time.Time
}

func newSender(s *Server) *sender {
	private := s.cfg.Webhooks.AllowPrivate || s.cfg.Authentication.Off
	dialer := &net.Dialer{Timeout: deliveryTime, Control: func(_, address string, _ syscall.RawConn) error {
		if at, err := netip.ParseAddrPort(address); err != nil || !private && !public(at.Addr().Unmap()) {
			return errors.New("the address is not a public one")
		}
		return nil
	}}
	return &sender{
		s: s, key: s.node.EventKey(), under: map[string]*sending{},
		http: &http.Client{
			Timeout:       deliveryTime,
			Transport:     &http.Transport{DialContext: dialer.DialContext, MaxIdleConnsPerHost: 1, IdleConnTimeout: time.Minute},
			CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		},
	}
}

// public reports whether an address is one of the open internet.
func public(a netip.Addr) bool {
	shared := netip.MustParsePrefix("100.64.0.0/10")
	return a.IsGlobalUnicast() && !a.IsPrivate() && !shared.Contains(a)
}

// Deliver sends events to their subscribers until ctx ends.
func (s *Server) Deliver(ctx context.Context) {
	if s.cfg.Webhooks.Off {
		return
	}
	defer s.sender.http.CloseIdleConnections()
	tick := time.NewTicker(streamPause)
	defer tick.Stop()
	for {
		s.DeliverDue(ctx, s.now())
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

// DeliverDue sends each subscriber the events that are due to it at an instant: in
// order, one after another, until one is not taken.
func (s *Server) DeliverDue(ctx context.Context, now time.Time) {
	snap := s.node.Current()
	if snap == nil {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, deliveryRound)
	defer cancel()
	var running sync.WaitGroup
	slots := make(chan struct{}, deliveriesOnce)
	for d := range snap.Documents(fullmakt.DocumentSubscription) {
		sub, err := readSubscription(&d.Document)
		if err != nil {
			s.log.Error("a subscription cannot be read", "error", err)
			continue
		}
		state := s.sender.take(sub.ID, now)
		if state == nil {
			continue
		}
		slots <- struct{}{}
		running.Go(func() {
			defer func() { <-slots }()
			defer s.sender.give(state)
			if err := s.sender.send(ctx, snap, sub, state, now); err != nil && ctx.Err() == nil {
				s.log.Error("events were not delivered", "subscription", sub.ID, "error", err)
			}
		})
	}
	running.Wait()
}

// take claims a subscription that is due.
func (d *sender) take(id string, now time.Time) *sending {
	d.mu.Lock()
	defer d.mu.Unlock()
	state := d.under[id]
	if state == nil {
		state = &sending{}
		d.under[id] = state
	}
	if state.busy || now.Before(state.next) {
		return nil
	}
	state.busy = true
	return state
}

func (d *sender) give(state *sending) {
	d.mu.Lock()
	defer d.mu.Unlock()
	state.busy = false
}

// progress returns how far a subscription has come.
func progress(snap *index.Snapshot, sub *subscription) (delivery, error) {
	at := delivery{After: sub.After}
	if d, ok := snap.Document(fullmakt.DocumentDelivery, sub.ID); ok {
		if err := json.Unmarshal(d.Body, &at); err != nil {
			return at, fullmakt.Errorf(fullmakt.CodeInternal, "the delivery of %s cannot be read", sub.ID)
		}
	}
	return at, nil
}

// send sends the events of one subscription, and keeps how far it came.
func (d *sender) send(ctx context.Context, snap *index.Snapshot, sub *subscription, state *sending, now time.Time) error {
	at, err := progress(snap, sub)
	if err != nil || len(at.Dead) >= mostDead || !d.s.stillReads(snap, sub, now) {
		return err
	}
	after, err := node.ParsePosition(at.After)
	if err != nil || after.Seq >= snap.Seq() {
		return err
	}
	page, err := d.s.node.Events(ctx, node.EventsQuery{Organisation: sub.Organisation, Reader: sub.Reader, After: after, Limit: usualEvents})
	if err != nil {
		return err
	}
	handled := 0
	for i := range page.Events {
		e := &page.Events[i]
		if !sub.feed().wants(e.Type) {
			continue
		}
		if err := d.post(ctx, sub, e, now); err != nil {
			if ctx.Err() != nil {
				break // the round is over, or the server stops: that is no fault of the subscriber's
			}
			if state.tries++; state.tries < deliveryTries {
				state.next = now.Add(min(deliveryWait<<(state.tries-1), deliveryLong))
				break
			}
			d.s.log.Warn("an event became a dead letter", "subscription", sub.ID, "event", e.Position.String(), "error", err)
			at.Dead = append(at.Dead, e.Position.String())
		}
		state.tries = 0
		at.After = e.Position.String()
		handled++
		if len(at.Dead) >= mostDead {
			break
		}
	}
	if handled == 0 {
		return nil // a position that no event moved is not worth a revision
	}
	return d.s.keepDelivery(context.WithoutCancel(ctx), sub, now, func(delivery) delivery { return at })
}

// keepDelivery writes down how far a subscription has come, unless it has ended.
func (s *Server) keepDelivery(ctx context.Context, sub *subscription, now time.Time, change func(delivery) delivery) error {
	_, err := s.node.Do(ctx, now, "events delivered", func(snap *index.Snapshot) ([]fullmakt.Change, error) {
		if _, ok := snap.Document(fullmakt.DocumentSubscription, sub.ID); !ok {
			return nil, nil
		}
		at, err := progress(snap, sub)
		if err != nil {
			return nil, err
		}
		body, err := json.Marshal(change(at))
		if err != nil {
			return nil, fullmakt.Errorf(fullmakt.CodeInternal, "delivery: %w", err)
		}
		return []fullmakt.Change{fullmakt.Document{Kind: fullmakt.DocumentDelivery, ID: sub.ID, Parties: sub.parties(), Body: body}}, nil
	})
	return err
}

// post sends one event, signed as Standard Webhooks has it with Ed25519: over its
// id, the time of sending and the body.
func (d *sender) post(ctx context.Context, sub *subscription, e *node.Event, now time.Time) error {
	body, err := json.Marshal(NewCloudEvent(e, d.s.eventSource()))
	if err != nil {
		return err
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, sub.URL, bytes.NewReader(body))
	if err != nil {
		return err
	}
	id, at := e.Position.String(), strconv.FormatInt(now.Unix(), 10)
	signature := ed25519.Sign(d.key, []byte(id+"."+at+"."+string(body)))
	r.Header.Set("Content-Type", "application/cloudevents+json; charset=utf-8")
	r.Header.Set("User-Agent", "fullmakt")
	r.Header.Set("Webhook-Id", id)
	r.Header.Set("Webhook-Timestamp", at)
	r.Header.Set("Webhook-Signature", "v1a,"+base64.StdEncoding.EncodeToString(signature))
	resp, err := d.http.Do(r)
	if err != nil {
		return errors.New("the subscriber cannot be reached") // the cause would name its address
	}
	defer resp.Body.Close()
	io.Copy(io.Discard, io.LimitReader(resp.Body, 1<<16)) // so that the connection can be used again
	if resp.StatusCode < 200 || resp.StatusCode > 299 {
		return fullmakt.Errorf(fullmakt.CodeUnavailable, "the subscriber answers %d", resp.StatusCode)
	}
	return nil
}

// replay sends dead letters again, those with the ids or all, in order, and forgets
// those that are taken.
func (s *Server) replay(ctx context.Context, sub *subscription, ids []string, now time.Time) (delivered []string, err error) {
	snap, err := s.node.Snapshot(ctx)
	if err != nil {
		return nil, err
	}
	at, err := progress(snap, sub)
	if err != nil {
		return nil, err
	}
	for _, id := range at.Dead {
		if len(ids) > 0 && !slices.Contains(ids, id) {
			continue
		}
		e, err := s.eventAt(ctx, sub, id)
		if err != nil {
			return nil, err
		}
		if e == nil || s.sender.post(ctx, sub, e, now) == nil { // nothing is left of one whose parties were purged
			delivered = append(delivered, id)
		}
	}
	if len(delivered) == 0 {
		return []string{}, nil
	}
	return delivered, s.keepDelivery(ctx, sub, now, func(at delivery) delivery {
		at.Dead = slices.DeleteFunc(at.Dead, func(id string) bool { return slices.Contains(delivered, id) })
		return at
	})
}

// eventAt reads one event again; nil when there is none any more.
func (s *Server) eventAt(ctx context.Context, sub *subscription, id string) (*node.Event, error) {
	want, err := node.ParsePosition(id)
	if err != nil {
		return nil, err
	}
	q := node.EventsQuery{Organisation: sub.Organisation, Reader: sub.Reader, After: node.Position{Seq: want.Seq - 1}, Limit: mostEvents}
	for {
		page, err := s.node.Events(ctx, q)
		if err != nil {
			return nil, err
		}
		for i := range page.Events {
			if page.Events[i].Position == want {
				return &page.Events[i], nil
			}
		}
		if q.After = page.Next; !page.More || q.After.Compare(want) >= 0 {
			return nil, nil
		}
	}
}
