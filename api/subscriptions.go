package api

import (
	"crypto/ed25519"
	"crypto/rand"
	"encoding/json"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/fullmakt/fullmakt"
	"github.com/fullmakt/fullmakt/index"
	"github.com/fullmakt/fullmakt/node"
	"github.com/fullmakt/fullmakt/pdp"
	"github.com/go-jose/go-jose/v4"
)

const (
	subscriptionsPath = "/v1/subscriptions"
	subscriptionPath  = subscriptionsPath + "/{id}"
	mostSubscriptions = 20 // of one owner about one organisation
)

// subscriptionRoutes lists the routes of webhooks.
func subscriptionRoutes() []route {
	scopes := []string{scopeEvents, scopeEventsAll}
	return []route{
		{method: "GET", pattern: "/v1/events/keys", anonymous: true, handle: (*Server).eventKeys},
		{method: "POST", pattern: subscriptionsPath, scopes: scopes, handle: (*Server).subscribe},
		{method: "GET", pattern: subscriptionsPath, scopes: scopes, handle: (*Server).listSubscriptions},
		{method: "GET", pattern: subscriptionPath, scopes: scopes, handle: (*Server).showSubscription},
		{method: "DELETE", pattern: subscriptionPath, scopes: scopes, handle: (*Server).unsubscribe},
		{method: "GET", pattern: subscriptionPath + "/dead-letters", scopes: scopes, handle: (*Server).listDeadLetters},
		{method: "POST", pattern: subscriptionPath + "/replay", scopes: scopes, handle: (*Server).replayDeadLetters},
	}
}

// subscription asks for events to be sent to an address.
type subscription struct {
	ID           string           `json:"-"`
	Organisation fullmakt.PartyNo `json:"organisation,omitempty"` // 0 for everybody's events
	Reader       fullmakt.PartyNo `json:"reader,omitempty"`       // as EventsQuery has it
	URL          string           `json:"url"`
	Types        []string         `json:"types,omitempty"`
	After        string           `json:"after"` // where it begins
	Operator     bool             `json:"operator,omitempty"`
}

func readSubscription(d *fullmakt.Document) (*subscription, error) {
	sub := &subscription{ID: d.ID}
	if err := json.Unmarshal(d.Body, sub); err != nil {
		return nil, fullmakt.Errorf(fullmakt.CodeInternal, "the subscription %s cannot be read", d.ID)
	}
	return sub, nil
}

func (x *subscription) parties() (parties []fullmakt.PartyNo) {
	for _, p := range []fullmakt.PartyNo{x.Organisation, x.Reader} {
		if p != 0 {
			parties = append(parties, p)
		}
	}
	slices.Sort(parties)
	return parties
}

func (x *subscription) feed() *feed { return &feed{types: x.Types} }

// stillReads reports whether the owner of a subscription may read its events now.
func (s *Server) stillReads(snap *index.Snapshot, sub *subscription, now time.Time) bool {
	if sub.Reader == 0 {
		return true
	}
	q := pdp.Ask(sub.Reader, sub.Organisation, now.Unix())
	var known bool
	if q.Package, known = snap.Catalogue().PackageID(node.EventsPackage); !known {
		return false
	}
	d := pdp.Decide(snap, q)
	return d.Allowed && !d.Uncertain
}

// wireSubscription is a subscription as its owner sees it.
type wireSubscription struct {
	ID           string   `json:"id"`
	Organisation string   `json:"organisation,omitempty"`
	URL          string   `json:"url"`
	Types        []string `json:"types,omitempty"`
	Position     string   `json:"position"`    // the last that was delivered
	DeadLetters  int      `json:"deadLetters"` // that wait to be replayed
	Active       bool     `json:"active"`      // false while the owner's authority or the room for dead letters is gone
}

func (s *Server) wireSubscription(snap *index.Snapshot, sub *subscription, now time.Time) (wireSubscription, error) {
	at, err := progress(snap, sub)
	w := wireSubscription{ID: sub.ID, URL: sub.URL, Types: sub.Types, Position: at.After, DeadLetters: len(at.Dead)}
	w.Active = s.stillReads(snap, sub, now) && len(at.Dead) < mostDead
	if sub.Organisation != 0 {
		w.Organisation = snap.ID(sub.Organisation).Org.String()
	}
	return w, err
}

// subscribe begins to send events to an address.
func (s *Server) subscribe(c *call) error {
	var wanted struct {
		Organisation string   `json:"organisation"`
		URL          string   `json:"url"`
		Types        []string `json:"types"`
		After        string   `json:"after"`
	}
	body, err := c.body()
	if err != nil {
		return err
	}
	if !c.isJSON() || json.Unmarshal(body, &wanted) != nil {
		return statusf(http.StatusBadRequest, "the body is no JSON object with a url")
	}
	f, err := s.feedOf(c, url.Values{"organisation": {wanted.Organisation}, "types": {strings.Join(wanted.Types, ",")}})
	if err != nil {
		return err
	}
	if u, err := url.Parse(wanted.URL); err != nil || len(wanted.URL) > 2000 || u.User != nil || holdsNationalID(wanted.URL) || !secureURL(wanted.URL) || loopbackName(u.Hostname()) && !s.Open() && !s.cfg.Webhooks.AllowPrivate {
		return statusf(http.StatusBadRequest, "url is no https address that events can be sent to").hinted("it may hold no user name, password or identity number")
	}
	snap, err := c.snapshot()
	if err != nil {
		return err
	}
	if wanted.After == "" || wanted.After == latestEvents {
		wanted.After = node.Position{Seq: snap.Seq()}.String()
	}
	if at, err := node.ParsePosition(wanted.After); err != nil || at.Seq > snap.Seq() {
		return statusf(http.StatusBadRequest, "after is no position in the feed of events")
	}
	var random fullmakt.UUID
	rand.Read(random[:])
	random[6], random[8] = random[6]&0x0f|0x40, random[8]&0x3f|0x80
	sub := &subscription{
		ID: random.String(), Organisation: f.organisation, Reader: f.reader, URL: wanted.URL, Types: f.types, After: wanted.After,
		Operator: c.caller.may(scopeEventsAll),
	}
	stored, err := json.Marshal(sub)
	if err != nil {
		return fullmakt.Errorf(fullmakt.CodeInternal, "subscription: %w", err)
	}
	_, err = s.node.Do(c.r.Context(), c.now, "subscription", func(snap *index.Snapshot) ([]fullmakt.Change, error) {
		same := 0
		for d := range snap.Documents(fullmakt.DocumentSubscription) {
			if o, err := readSubscription(&d.Document); err == nil && o.Organisation == sub.Organisation && o.Reader == sub.Reader && o.Operator == sub.Operator {
				same++
			}
		}
		if same >= mostSubscriptions {
			return nil, fullmakt.Errorf(fullmakt.CodeConflict, "there are %d subscriptions already", same).WithHint("end one of them first")
		}
		return []fullmakt.Change{fullmakt.Document{Kind: fullmakt.DocumentSubscription, ID: sub.ID, Parties: sub.parties(), Body: stored}}, nil
	})
	if err != nil {
		return err
	}
	if snap, err = s.node.Snapshot(c.r.Context()); err != nil {
		return err
	}
	w, err := s.wireSubscription(snap, sub, c.now)
	if err != nil {
		return err
	}
	c.accountFeed(f, 0)
	c.w.Header().Set("Location", s.cfg.PublicURL+subscriptionsPath+"/"+sub.ID)
	return c.writeJSON(http.StatusCreated, w)
}

// subscriptionOf finds the subscription that the path names. One that is not the
// caller's is not there.
func (s *Server) subscriptionOf(c *call) (*subscription, *index.Snapshot, error) {
	snap, err := s.node.Snapshot(c.r.Context())
	if err != nil {
		return nil, nil, err
	}
	c.snap = snap
	missing := statusf(http.StatusNotFound, "there is no such subscription")
	d, ok := snap.Document(fullmakt.DocumentSubscription, c.r.PathValue("id"))
	if !ok {
		return nil, nil, missing
	}
	sub, err := readSubscription(&d.Document)
	if err != nil {
		return nil, nil, err
	}
	if ok, err := s.owns(c, snap, sub); err != nil || !ok {
		return nil, nil, cmpError(err, missing)
	}
	return sub, snap, nil
}

// owns reports whether a subscription is the caller's: of the organisation itself,
// of the same reader, or for the operator any.
func (s *Server) owns(c *call, snap *index.Snapshot, sub *subscription) (bool, error) {
	if c.caller.may(scopeEventsAll) {
		return true, nil
	}
	who, err := s.readerOf(c, snap)
	owner := sub.Reader
	if owner == 0 {
		owner = sub.Organisation
	}
	return err == nil && who != 0 && who == owner && !sub.Operator, err
}

// listSubscriptions answers with the caller's subscriptions.
func (s *Server) listSubscriptions(c *call) error {
	snap, err := c.snapshot()
	if err != nil {
		return err
	}
	items := []wireSubscription{}
	for d := range snap.Documents(fullmakt.DocumentSubscription) {
		sub, err := readSubscription(&d.Document)
		if err != nil {
			return err
		}
		if ok, err := s.owns(c, snap, sub); err != nil {
			return err
		} else if !ok {
			continue
		}
		w, err := s.wireSubscription(snap, sub, c.now)
		if err != nil {
			return err
		}
		items = append(items, w)
	}
	return c.writeJSON(http.StatusOK, struct {
		Items []wireSubscription `json:"items"`
	}{items})
}

// showSubscription answers with one subscription.
func (s *Server) showSubscription(c *call) error {
	sub, snap, err := s.subscriptionOf(c)
	if err != nil {
		return err
	}
	w, err := s.wireSubscription(snap, sub, c.now)
	if err != nil {
		return err
	}
	return c.writeJSON(http.StatusOK, w)
}

// unsubscribe ends a subscription.
func (s *Server) unsubscribe(c *call) error {
	sub, _, err := s.subscriptionOf(c)
	if err != nil {
		return err
	}
	_, err = s.node.Do(c.r.Context(), c.now, "subscription ended", func(snap *index.Snapshot) (changes []fullmakt.Change, err error) {
		for _, kind := range []fullmakt.DocumentKind{fullmakt.DocumentSubscription, fullmakt.DocumentDelivery} {
			if d, ok := snap.Document(kind, sub.ID); ok {
				ended := d.Document
				ended.Ended = true
				changes = append(changes, ended)
			}
		}
		return changes, nil
	})
	if err != nil {
		return err
	}
	c.status = http.StatusNoContent
	c.w.WriteHeader(http.StatusNoContent)
	return nil
}

// listDeadLetters answers with the events that could not be delivered.
func (s *Server) listDeadLetters(c *call) error {
	sub, snap, err := s.subscriptionOf(c)
	if err != nil {
		return err
	}
	if !s.stillReads(snap, sub, c.now) {
		return statusf(http.StatusForbidden, "the authority to read these events has ended")
	}
	at, err := progress(snap, sub)
	if err != nil {
		return err
	}
	items := []CloudEvent{}
	for _, id := range at.Dead {
		e, err := s.eventAt(c.r.Context(), sub, id)
		if err != nil {
			return err
		}
		if e != nil {
			items = append(items, NewCloudEvent(e, s.eventSource()))
		}
	}
	return c.writeJSON(http.StatusOK, struct {
		Items []CloudEvent `json:"items"`
	}{items})
}

// replayDeadLetters sends dead letters again.
func (s *Server) replayDeadLetters(c *call) error {
	sub, snap, err := s.subscriptionOf(c)
	if err != nil {
		return err
	}
	if !s.stillReads(snap, sub, c.now) {
		return statusf(http.StatusForbidden, "the authority to read these events has ended")
	}
	var wanted struct {
		IDs []string `json:"ids"`
	}
	body, err := c.body()
	if err != nil {
		return err
	}
	if len(body) > 0 && json.Unmarshal(body, &wanted) != nil {
		return statusf(http.StatusBadRequest, "the body is no JSON object with ids")
	}
	delivered, err := s.replay(c.r.Context(), sub, wanted.IDs, c.now)
	if err != nil {
		return err
	}
	return c.writeJSON(http.StatusOK, struct {
		Delivered []string `json:"delivered"`
	}{delivered})
}

// eventKeys answers with the public key that events are signed with.
func (s *Server) eventKeys(c *call) error {
	key := s.sender.key.Public().(ed25519.PublicKey)
	return c.writeJSON(http.StatusOK, jose.JSONWebKeySet{Keys: []jose.JSONWebKey{{Key: key, KeyID: "events", Algorithm: "EdDSA", Use: "sig"}}})
}
