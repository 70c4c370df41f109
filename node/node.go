package node

import (
	"context"
	"crypto/ed25519"
	"crypto/hkdf"
	"crypto/rand"
	"crypto/sha256"
	"errors"
	"iter"
	"log/slog"
	"path/filepath"
	"sync"
	"sync/atomic"
	"time"

	"github.com/fullmakt/fullmakt"
	"github.com/fullmakt/fullmakt/catalogue"
	"github.com/fullmakt/fullmakt/delegation"
	"github.com/fullmakt/fullmakt/index"
	"github.com/fullmakt/fullmakt/registry"
	"github.com/fullmakt/fullmakt/store/sqlite"
	"github.com/fullmakt/fullmakt/world"
)

// Options say what a node opens.
type Options struct {
	// Data is the directory of the store; "" opens a private store in memory.
	Data string
	// KeyFile holds the store's key. With CreateKey it is made, and must not
	// exist. A store in memory makes a key of its own.
	KeyFile   string
	CreateKey bool

	Catalogue *catalogue.Catalogue
	// World, if set, is loaded into the store in memory, with the resources and
	// policies that it carries. A world has no history:
	// what its file states holds at WorldSince and after. What it says that open
	// data states is merged a second later (rule SRC-1).
	World *world.World
	// WorldSince is when the world begins; the zero time means DefaultWorldSince.
	WorldSince time.Time

	Log *slog.Logger
}

// DefaultWorldSince is when a world begins unless Options say otherwise: early
// enough for any question about its grants, and always the same, so that answers
// can be repeated.
var DefaultWorldSince = time.Date(2020, time.January, 1, 0, 0, 0, 0, time.UTC)

// Node is an open store with the snapshot of its head. Its methods may be called
// from several goroutines.
type Node struct {
	store     *sqlite.DB
	catalogue *catalogue.Catalogue
	dir       string
	fileKey   [32]byte
	// tokenSecret is what SigningKey is derived from; nil in memory.
	tokenSecret []byte
	eventKey    ed25519.PrivateKey
	log         *slog.Logger

	head    atomic.Pointer[index.Snapshot]
	loading sync.Mutex // one goroutine loads or advances the snapshot at a time
	library registry.Library
	names   names
	inFile  atomic.Uint64 // revision that the snapshot file is known to hold; 0 when it is not known to be good
}

// StoreFile and SnapshotFile are the names of a node's files in its directory.
const (
	StoreFile    = "fullmakt.db"
	SnapshotFile = "index.snapshot"
)

// Open opens a node. Errors: CodeNotFound for a missing key file, CodeForbidden
// for a key that is not the store's.
func Open(ctx context.Context, o Options) (*Node, error) {
	n := &Node{catalogue: o.Catalogue, dir: o.Data, log: o.Log}
	if n.log == nil {
		n.log = slog.New(slog.DiscardHandler)
	}
	if o.Data == "" {
		return n, n.openMemory(ctx, o)
	}
	loadKey := sqlite.LoadKey
	if o.CreateKey {
		loadKey = sqlite.CreateKey
	}
	key, err := loadKey(o.KeyFile)
	if err != nil {
		return nil, err
	}
	if n.fileKey, err = derivedKey(key, "fullmakt snapshot file"); err != nil {
		return nil, err
	}
	if n.tokenSecret, err = tokenSecret(key); err != nil {
		return nil, err
	}
	seed, err := derivedKey(key, "fullmakt event signatures")
	if err != nil {
		return nil, err
	}
	n.eventKey = ed25519.NewKeyFromSeed(seed[:])
	n.store, err = sqlite.Open(ctx, filepath.Join(o.Data, StoreFile), key)
	return n, err
}

func (n *Node) openMemory(ctx context.Context, o Options) (err error) {
	if _, n.eventKey, err = ed25519.GenerateKey(rand.Reader); err != nil {
		return fullmakt.Errorf(fullmakt.CodeInternal, "key for signatures: %w", err)
	}
	if n.store, err = sqlite.OpenMemory(ctx); err != nil || o.World == nil {
		return err
	}
	ids, err := n.store.Identities(ctx)
	if err != nil {
		return err
	}
	since := o.WorldSince
	if since.IsZero() {
		since = DefaultWorldSince
	}
	changes := o.World.Changes(ids.Assign)
	resources, err := n.worldRegistry(o.World, changes, since)
	if err != nil {
		return err
	}
	changes = append(changes, resources...)
	head, err := n.store.Append(ctx, 0, since, "world "+o.World.Name, values(append(changes, n.catalogueUse())))
	if err != nil || len(o.World.OpenData) == 0 {
		return err
	}
	return n.compareWorld(ctx, head, o.World, since.Add(time.Second))
}

// compareWorld brings what open data states in a world over its register, by the
// merge of the feeds. Since the world's own roles stand (rule SRC-1), that makes
// a revision only if the merge finds something else to store.
func (n *Node) compareWorld(ctx context.Context, after fullmakt.Seq, w *world.World, at time.Time) error {
	head, err := n.store.Head(ctx)
	if err != nil {
		return err
	}
	var report Report
	b := newBatchMerge(n.store, head, newNumberer(ctx, n.store, head, nil), &report, registerRoles())
	noFeeds := func() []fullmakt.Feed { return nil }
	changes := withEnds(ctx, n.store, n.catalogue, head, b.changes(ctx, records(w.OpenData), func(error) bool { return false }, noFeeds))
	if _, err := n.store.Append(ctx, after, at, "open data of world "+w.Name, changes); err != nil {
		return err
	}
	n.log.Info("open data was compared with the world's register", "world", w.Name, "units", b.compared, "differences", report.DriftCount)
	return nil
}

// derivedKey derives a key for one use from the store's: that which seals the
// identifiers in the snapshot file, or signs events.
func derivedKey(key sqlite.Key, use string) (out [32]byte, err error) {
	b, err := hkdf.Key(sha256.New, key[:], nil, use, len(out))
	copy(out[:], b)
	return out, err
}

// EventKey returns the key that events are signed with. It follows from the
// store's key, and changes with it; a store in memory has one of its own.
func (n *Node) EventKey() ed25519.PrivateKey { return n.eventKey }

// values yields changes that are there already, as Append takes them.
func values(changes []fullmakt.Change) iter.Seq2[fullmakt.Change, error] {
	return func(yield func(fullmakt.Change, error) bool) {
		for _, ch := range changes {
			if !yield(ch, nil) {
				return
			}
		}
	}
}

// Close closes the store. Snapshots handed out stay good.
func (n *Node) Close() error {
	n.names.Lock()
	defer n.names.Unlock()
	n.names.closed = true
	return errors.Join(n.closeNames(), n.store.Close())
}

// Catalogue returns the catalogue that gives roles their meaning.
func (n *Node) Catalogue() *catalogue.Catalogue { return n.catalogue }

// Store returns the open store.
func (n *Node) Store() *sqlite.DB { return n.store }

func (n *Node) catalogueUse() fullmakt.Change {
	return fullmakt.CatalogueUse{Digest: n.catalogue.Digest()}
}

// Do runs a command, the only road by which one changes anything: f sees the
// snapshot of the head and returns the changes it makes, which become one
// revision, with what ends by them (rules GIVE-6 and LIFE-1). When somebody else's
// revision comes first, f runs again on the new head. No changes are no revision. The first command under another catalogue
// records its digest beside its own changes.
func (n *Node) Do(ctx context.Context, at time.Time, note string, f func(*index.Snapshot) ([]fullmakt.Change, error)) (fullmakt.Seq, error) {
	const tries = 8
	for try := 1; ; try++ {
		s, err := n.Snapshot(ctx)
		if err != nil {
			return 0, err
		}
		changes, err := f(s)
		if err != nil || len(changes) == 0 {
			return s.Seq(), err
		}
		changes = append(changes, delegation.Ends(s, changes)...)
		seq, err := n.store.Append(ctx, s.Seq(), at, note, values(append(changes, n.catalogueUse())))
		if fullmakt.ErrorCode(err) == fullmakt.CodeConflict && try < tries {
			continue
		}
		if err != nil {
			return 0, err
		}
		_, err = n.Snapshot(ctx)
		return seq, err
	}
}

// RegisterStatus tells how fresh the register is.
type RegisterStatus struct {
	Revision   fullmakt.Seq
	ImportedAt time.Time // when a register feed last brought something; in a world, when it begins; zero in an empty store
	Stale      string    // why a feed is behind; "" when none is
	Feeds      []fullmakt.Feed
	Catalogue  string // digest of the catalogue that decisions use
}

// Register tells how fresh the register is.
func (n *Node) Register(ctx context.Context) (RegisterStatus, error) {
	head, err := n.store.Head(ctx)
	if err != nil {
		return RegisterStatus{}, err
	}
	feeds, err := n.store.Feeds(ctx)
	if err != nil {
		return RegisterStatus{}, err
	}
	fed, ok, err := n.store.Fed(ctx)
	if err == nil && !ok {
		fed.At, err = n.store.Began(ctx)
	}
	if err != nil {
		return RegisterStatus{}, err
	}
	status := RegisterStatus{Revision: head.Seq, ImportedAt: fed.At, Feeds: feeds, Catalogue: n.catalogue.Digest()}
	for _, f := range feeds {
		if f.Stale != "" {
			status.Stale = f.Stale
		}
	}
	return status, nil
}
