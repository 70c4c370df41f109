-- +goose Up

-- Facts about the store itself: the key check and the random part of UUIDs.
CREATE TABLE meta (
    name  TEXT PRIMARY KEY,
    value BLOB NOT NULL
) STRICT, WITHOUT ROWID;

-- One row for each revision. Parties with numbers from the previous row's
-- next_party up to this row's were first seen here. kinds is a bit set of the
-- tables that have rows of this revision, so that reading the log asks only those.
CREATE TABLE revision (
    seq        INTEGER PRIMARY KEY,
    at         INTEGER NOT NULL, -- Unix nanoseconds, never falling
    note       TEXT    NOT NULL,
    next_party INTEGER NOT NULL,
    kinds      INTEGER NOT NULL
) STRICT;
CREATE INDEX revision_at ON revision (at);

-- Role codes and organisation forms, numbered for the packed versions.
CREATE TABLE code (
    id   INTEGER PRIMARY KEY,
    text TEXT NOT NULL UNIQUE
) STRICT;

-- The only table with names and identities. A purged party keeps its number, with
-- kind 0 and nothing else.
CREATE TABLE party (
    no        INTEGER PRIMARY KEY,
    kind      INTEGER NOT NULL, -- fullmakt.PartyKind
    org       INTEGER,          -- organisation number; for a user, its owner's
    uuid      BLOB,
    ident     BLOB,             -- HMAC of the identity, 16 bytes; not for organisations
    cipher    BLOB,             -- the identity, AES-256-GCM; not for organisations
    name      TEXT,
    name_hash INTEGER           -- hash of the folded name
) STRICT;
CREATE UNIQUE INDEX party_org ON party (org) WHERE kind = 1;
CREATE UNIQUE INDEX party_ident ON party (ident) WHERE ident IS NOT NULL;
CREATE INDEX party_owner ON party (org) WHERE kind > 2;
CREATE INDEX party_gone ON party (no) WHERE kind = 0;

-- UUIDs that do not end in the party's number, as those that the store makes do.
CREATE TABLE party_uuid (
    uuid BLOB PRIMARY KEY,
    no   INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX party_uuid_no ON party_uuid (no);

-- Revisions that renamed or purged a party first seen earlier.
CREATE TABLE party_change (
    seq INTEGER NOT NULL,
    no  INTEGER NOT NULL,
    PRIMARY KEY (seq, no)
) STRICT, WITHOUT ROWID;

-- Organisation versions: the open ones, and those that have ended.
CREATE TABLE org_now (
    party    INTEGER PRIMARY KEY,
    from_seq INTEGER NOT NULL,
    body     BLOB    NOT NULL
) STRICT;
CREATE INDEX org_now_seq ON org_now (from_seq);
CREATE TABLE org_past (
    party    INTEGER NOT NULL,
    from_seq INTEGER NOT NULL,
    to_seq   INTEGER NOT NULL,
    body     BLOB    NOT NULL,
    PRIMARY KEY (party, from_seq)
) STRICT, WITHOUT ROWID;
CREATE INDEX org_past_seq ON org_past (from_seq);

-- Who ever stood in a relation to which organisation: packed pairs, 64 holders to
-- a bucket; id is bucket * 2^32 + running number. Rows are only ever added.
CREATE TABLE related (
    id    INTEGER PRIMARY KEY,
    pairs BLOB NOT NULL
) STRICT;

CREATE TABLE person_version (
    party    INTEGER NOT NULL,
    from_seq INTEGER NOT NULL,
    to_seq   INTEGER,
    dead     INTEGER NOT NULL,
    PRIMARY KEY (party, from_seq)
) STRICT, WITHOUT ROWID;
CREATE INDEX person_version_seq ON person_version (from_seq);
CREATE UNIQUE INDEX person_version_open ON person_version (party) WHERE to_seq IS NULL;

CREATE TABLE user_version (
    party    INTEGER NOT NULL,
    from_seq INTEGER NOT NULL,
    to_seq   INTEGER,
    owner    INTEGER NOT NULL,
    ended    INTEGER NOT NULL,
    PRIMARY KEY (party, from_seq)
) STRICT, WITHOUT ROWID;
CREATE INDEX user_version_seq ON user_version (from_seq);
CREATE INDEX user_version_owner ON user_version (owner);
CREATE UNIQUE INDEX user_version_open ON user_version (party) WHERE to_seq IS NULL;

CREATE TABLE grant_version (
    giver      INTEGER NOT NULL,
    receiver   INTEGER NOT NULL,
    package    TEXT    NOT NULL,
    role       TEXT    NOT NULL,
    from_seq   INTEGER NOT NULL,
    to_seq     INTEGER,
    valid_from INTEGER NOT NULL,
    valid_to   INTEGER NOT NULL,
    given_by   INTEGER NOT NULL,
    ended      INTEGER NOT NULL,
    PRIMARY KEY (giver, receiver, package, role, from_seq)
) STRICT, WITHOUT ROWID;
CREATE INDEX grant_version_seq ON grant_version (from_seq);
CREATE INDEX grant_version_receiver ON grant_version (receiver);
CREATE UNIQUE INDEX grant_version_open ON grant_version (giver, receiver, package, role) WHERE to_seq IS NULL;

CREATE TABLE feed_version (
    name     TEXT    NOT NULL,
    from_seq INTEGER NOT NULL,
    to_seq   INTEGER,
    cursor   TEXT    NOT NULL,
    stale    TEXT    NOT NULL,
    PRIMARY KEY (name, from_seq)
) STRICT, WITHOUT ROWID;
CREATE INDEX feed_version_seq ON feed_version (from_seq);
CREATE UNIQUE INDEX feed_version_open ON feed_version (name) WHERE to_seq IS NULL;

CREATE TABLE catalogue_version (
    name     TEXT    NOT NULL, -- always 'catalogue'
    from_seq INTEGER NOT NULL,
    to_seq   INTEGER,
    digest   TEXT    NOT NULL,
    PRIMARY KEY (name, from_seq)
) STRICT, WITHOUT ROWID;
CREATE INDEX catalogue_version_seq ON catalogue_version (from_seq);
CREATE UNIQUE INDEX catalogue_version_open ON catalogue_version (name) WHERE to_seq IS NULL;
