package api

import (
	"context"
	"crypto/ed25519"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/fullmakt/fullmakt"
	"github.com/fullmakt/fullmakt/catalogue"
	"github.com/fullmakt/fullmakt/node"
	"github.com/go-jose/go-jose/v4"
)

// subscriber is who events are sent to.
type subscriber struct {
	*testing.T
	url string
	mu  sync.Mutex
	key ed25519.PublicKey
	got []wireEvent
	// refuse tells which deliveries, counted from 1, are answered 500.
	refuse func(n int) bool
	n      int
}

func newSubscriber(t *testing.T) *subscriber {
	t.Helper()
	x := &subscriber{T: t}
	h := httptest.NewServer(x)
	t.Cleanup(h.Close)
	x.url = h.URL + "/events"
	return x
}

// ServeHTTP checks the signature and takes the event, or not.
func (x *subscriber) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	x.mu.Lock()
	defer x.mu.Unlock()
	body, err := io.ReadAll(r.Body)
	if err != nil {
		x.Error(err)
	}
	signed := r.Header.Get("Webhook-Id") + "." + r.Header.Get("Webhook-Timestamp") + "." + string(body)
	signature, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(r.Header.Get("Webhook-Signature"), "v1a,"))
	if err != nil || !ed25519.Verify(x.key, []byte(signed), signature) || ed25519.Verify(x.key, []byte(signed+" "), signature) {
		x.Errorf("the signature %q is wrong", r.Header.Get("Webhook-Signature"))
	}
	var e wireEvent
	if err := json.Unmarshal(body, &e); err != nil || e.ID != r.Header.Get("Webhook-Id") {
		x.Errorf("%v: %s", err, body)
	}
	if x.n++; x.refuse != nil && x.refuse(x.n) {
		w.WriteHeader(http.StatusInternalServerError)
		return
	}
	x.got = append(x.got, e)
}

// taken returns the ids that were taken, and forgets them.
func (x *subscriber) taken() (ids []string) {
	x.mu.Lock()
	defer x.mu.Unlock()
	for _, e := range x.got {
		ids = append(ids, e.ID)
	}
	x.got = nil
	return ids
}

// readKey reads the public key of a server.
func (x *subscriber) readKey(a *apitest) {
	var set jose.JSONWebKeySet
	a.json(a.do("GET", "/v1/events/keys", nil), 200, &set)
	x.key = set.Keys[0].Key.(ed25519.PublicKey)
}

func ids(events []wireEvent) (out []string) {
	for _, e := range events {
		out = append(out, e.ID)
	}
	return out
}

// storeNode opens a register on disk, which can be opened again.
func storeNode(t *testing.T, dir string, create bool) *node.Node {
	t.Helper()
	cat, err := catalogue.Embedded()
	if err != nil {
		t.Fatal(err)
	}
	n, err := node.Open(context.Background(), node.Options{Data: dir, KeyFile: filepath.Join(dir, "key"), CreateKey: create, Catalogue: cat})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := n.Snapshot(context.Background()); err != nil {
		t.Fatal(err)
	}
	return n
}

// TestWebhooks: events come signed and in order; what is refused comes again, later
// and later, then is a dead letter that can be read and replayed; a server that was
// killed goes on where it was.
func TestWebhooks(t *testing.T) {
	ctx := context.Background()
	dir := t.TempDir()
	n := storeNode(t, dir, true)
	_, err := n.Store().Append(ctx, 0, testNow, "test", func(yield func(fullmakt.Change, error) bool) {
		for _, ch := range []fullmakt.Change{
			fullmakt.Party{No: 1, ID: fullmakt.OrganisationID(310000019), Name: "Bergen AS"},
			fullmakt.Party{No: 2, ID: fullmakt.OrganisationID(310000027), Name: "Trondheim AS"},
			fullmakt.Organisation{Party: 1, Form: "AS", Source: fullmakt.SourceCCR, Roles: []fullmakt.Role{{Code: "DAGL", Holder: 2}}},
			fullmakt.Organisation{Party: 2, Form: "AS", Source: fullmakt.SourceCCR},
		} {
			if !yield(ch, nil) {
				return
			}
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := n.Snapshot(ctx); err != nil {
		t.Fatal(err)
	}
	a := serveAPI(t, n, openConfig())
	x := newSubscriber(t)
	x.readKey(a)
	var sub wireSubscription
	a.json(a.do("POST", subscriptionsPath, map[string]any{"organisation": bergenAS, "url": x.url, "after": "0"}), 201, &sub)
	whole, _, _ := a.batch("?organisation=" + bergenAS)

	// The third is refused twice.
	x.refuse = func(n int) bool { return n == 3 || n == 4 }
	now := testNow
	a.server.DeliverDue(ctx, now)
	a.server.DeliverDue(ctx, now) // too early
	if got := x.taken(); !slices.Equal(got, ids(whole)[:2]) || x.n != 3 {
		t.Fatalf("%d sent, taken %v of %v", x.n, got, ids(whole))
	}
	for _, wait := range []time.Duration{time.Second, 2 * time.Second} {
		a.server.DeliverDue(ctx, now.Add(wait-time.Millisecond))
		sent := x.n
		now = now.Add(wait)
		if a.server.DeliverDue(ctx, now); x.n == sent {
			t.Errorf("nothing was sent after %s", wait)
		}
	}
	if got := x.taken(); !slices.Equal(got, ids(whole)[2:]) {
		t.Fatalf("taken %v, want %v", got, ids(whole)[2:])
	}

	// Killed: another server on the same store.
	n.Close()
	n = storeNode(t, dir, false)
	defer n.Close()
	b := serveAPI(t, n, openConfig())
	grant := fullmakt.Grant{From: 1, To: 2, Package: "maskinlesbare-hendelser"}
	if _, err := n.Store().Append(ctx, n.Current().Seq(), testNow, "test", func(yield func(fullmakt.Change, error) bool) { yield(grant, nil) }); err != nil {
		t.Fatal(err)
	}
	if _, err := n.Snapshot(ctx); err != nil {
		t.Fatal(err)
	}
	rest, _, _ := b.batch("?organisation=" + bergenAS + "&after=" + whole[len(whole)-1].ID)
	x.n, x.refuse = 0, func(n int) bool { return n <= deliveryTries }
	for range deliveryTries + 1 {
		now = now.Add(deliveryLong)
		b.server.DeliverDue(ctx, now)
	}
	if got := x.taken(); len(rest) == 0 || !slices.Equal(got, ids(rest)[1:]) {
		t.Errorf("after the restart %v came, want %v", got, ids(rest)[1:])
	}
	var dead struct{ Items []wireEvent }
	b.json(b.do("GET", subscriptionsPath+"/"+sub.ID+"/dead-letters", nil), 200, &dead)
	if !slices.Equal(ids(dead.Items), ids(rest)[:1]) {
		t.Errorf("dead letters %v, want %v", ids(dead.Items), ids(rest)[:1])
	}
	var replayed struct{ Delivered []string }
	b.json(b.do("POST", subscriptionsPath+"/"+sub.ID+"/replay", map[string]any{}), 200, &replayed)
	if got := x.taken(); !slices.Equal(got, ids(rest)[:1]) || !slices.Equal(replayed.Delivered, got) {
		t.Errorf("replayed %v, came %v", replayed.Delivered, got)
	}
	b.json(b.do("GET", subscriptionsPath+"/"+sub.ID, nil), 200, &sub)
	if sub.DeadLetters != 0 || sub.Position != rest[len(rest)-1].ID || !sub.Active {
		t.Errorf("%+v", sub)
	}
	head := n.Current().Seq()
	b.server.DeliverDue(ctx, now.Add(time.Hour))
	if got := x.taken(); len(got) != 0 || n.Current().Seq() != head {
		t.Errorf("%v came for nothing, and the register went from %d to %d", got, head, n.Current().Seq())
	}
	if got := b.do("DELETE", subscriptionsPath+"/"+sub.ID, nil); got.StatusCode != 204 {
		t.Errorf("%d %s", got.StatusCode, got.body)
	}
	if got := b.do("GET", subscriptionsPath+"/"+sub.ID, nil); got.StatusCode != 404 {
		t.Errorf("%d %s", got.StatusCode, got.body)
	}
}

// TestWebhooksAreForReaders: who may not read the events gets none sent, and sees
// no subscription of others; authority that ends ends the sending.
func TestWebhooksAreForReaders(t *testing.T) {
	ctx := context.Background()
	n := demoNode(t)
	is := newTestIssuer(t, "/.well-known/oauth-authorization-server")
	cfg := Config{PublicURL: "https://fullmakt.example", Authentication: Authentication{Issuers: []IssuerConfig{is.config()}}, Limits: Limits{RequestsPerSecond: -1}, Webhooks: WebhooksConfig{AllowPrivate: true}}
	a := serveAPI(t, n, cfg)
	x := newSubscriber(t)
	x.readKey(a)
	reader := []string{"Authorization", "Bearer " + is.token("scope", scopeEvents)}
	other := []string{"Authorization", "Bearer " + is.token("scope", scopeEvents, "consumer", map[string]string{"authority": "iso6523-actorid-upis", "ID": "0192:" + fjord})}
	ask := map[string]any{"organisation": bergenAS, "url": x.url, "types": []string{"grant"}}
	if got := a.do("POST", subscriptionsPath, ask, reader...); got.StatusCode != 403 {
		t.Errorf("%d %s", got.StatusCode, got.body)
	}
	grantTo(t, n, bergenAS, datahus, node.EventsPackage, false)
	var sub wireSubscription
	a.json(a.do("POST", subscriptionsPath, ask, reader...), 201, &sub)
	for _, path := range []string{"", "/dead-letters"} {
		if got := a.do("GET", subscriptionsPath+"/"+sub.ID+path, nil, other...); got.StatusCode != 404 {
			t.Errorf("%s: %d %s", path, got.StatusCode, got.body)
		}
	}
	var list struct{ Items []wireSubscription }
	if a.json(a.do("GET", subscriptionsPath, nil, other...), 200, &list); len(list.Items) != 0 {
		t.Errorf("%+v", list)
	}
	if a.json(a.do("GET", subscriptionsPath, nil, reader...), 200, &list); len(list.Items) != 1 {
		t.Errorf("%+v", list)
	}
	grantTo(t, n, bergenAS, fjord, "skatt-naering", false)
	a.server.DeliverDue(ctx, testNow)
	if got := x.taken(); len(got) != 1 {
		t.Errorf("%v came", got)
	}
	grantTo(t, n, bergenAS, datahus, node.EventsPackage, true)
	grantTo(t, n, bergenAS, fjord, "skatt-naering", true)
	a.server.DeliverDue(ctx, testNow.Add(time.Hour))
	if got := x.taken(); len(got) != 0 {
		t.Errorf("%v came after the authority had ended", got)
	}
	if a.json(a.do("GET", subscriptionsPath+"/"+sub.ID, nil, reader...), 200, &sub); sub.Active {
		t.Errorf("%+v", sub)
	}
	for _, address := range []string{"", "ftp://x.example/", "http://x.example/", "https://u:p@x.example/", "https://x.example/" + kari} {
		if got := a.do("POST", subscriptionsPath, map[string]any{"organisation": datahus, "url": address}, reader...); got.StatusCode != 400 || strings.Contains(string(got.body), kari) {
			t.Errorf("%q: %d %s", address, got.StatusCode, got.body)
		}
	}
}

// TestWebhooksStayOutside: addresses inside a network are not sent to.
func TestWebhooksStayOutside(t *testing.T) {
	for address, want := range map[string]bool{
		"127.0.0.1": false, "10.1.2.3": false, "192.168.0.1": false, "172.16.9.9": false, "169.254.169.254": false, "100.64.0.1": false,
		"0.0.0.0": false, "::1": false, "fd00::1": false, "fe80::1": false, "224.0.0.1": false, "::ffff:10.0.0.1": false,
		"193.0.0.1": true, "2001:67c::1": true,
	} {
		if got := public(netip.MustParseAddr(address).Unmap()); got != want {
			t.Errorf("%s: %t", address, got)
		}
	}
	is := newTestIssuer(t, "/.well-known/oauth-authorization-server")
	cfg := Config{PublicURL: "https://fullmakt.example", Authentication: Authentication{Issuers: []IssuerConfig{is.config()}}}
	a := serveAPI(t, demoNode(t), cfg)
	x := newSubscriber(t)
	if err := a.server.sender.post(context.Background(), &subscription{URL: x.url}, &node.Event{}, testNow); err == nil || x.n != 0 {
		t.Error(fmt.Sprint(err, x.n))
	}
}
