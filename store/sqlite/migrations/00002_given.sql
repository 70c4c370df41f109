-- +goose Up

-- Grants of single rights, on which basis a grant was given, and why it ended.
-- What is part of a version's identity is part of the primary key, so the table
-- is made anew.
CREATE TABLE grant_version_2 (
    giver      INTEGER NOT NULL,
    receiver   INTEGER NOT NULL,
    package    TEXT    NOT NULL,
    role       TEXT    NOT NULL,
    resource   TEXT    NOT NULL,
    right_key  TEXT    NOT NULL,
    from_seq   INTEGER NOT NULL,
    to_seq     INTEGER,
    valid_from INTEGER NOT NULL,
    valid_to   INTEGER NOT NULL,
    given_by   INTEGER NOT NULL,
    basis      TEXT    NOT NULL,
    ended      INTEGER NOT NULL,
    cause      INTEGER NOT NULL, -- fullmakt.Cause
    PRIMARY KEY (giver, receiver, package, role, resource, right_key, from_seq)
) STRICT, WITHOUT ROWID;
INSERT INTO grant_version_2
    SELECT giver, receiver, package, role, '', '', from_seq, to_seq, valid_from, valid_to, given_by, '', ended, 0
    FROM grant_version;
DROP TABLE grant_version;
ALTER TABLE grant_version_2 RENAME TO grant_version;
CREATE INDEX grant_version_seq ON grant_version (from_seq);
CREATE INDEX grant_version_receiver ON grant_version (receiver);
CREATE UNIQUE INDEX grant_version_open ON grant_version (giver, receiver, package, role, resource, right_key) WHERE to_seq IS NULL;

CREATE TABLE system_user_version (
    party    INTEGER NOT NULL,
    from_seq INTEGER NOT NULL,
    to_seq   INTEGER,
    owner    INTEGER NOT NULL,
    agent    INTEGER NOT NULL,
    ended    INTEGER NOT NULL,
    PRIMARY KEY (party, from_seq)
) STRICT, WITHOUT ROWID;
CREATE INDEX system_user_version_seq ON system_user_version (from_seq);
CREATE INDEX system_user_version_owner ON system_user_version (owner);
CREATE UNIQUE INDEX system_user_version_open ON system_user_version (party) WHERE to_seq IS NULL;

CREATE TABLE agent_version (
    provider INTEGER NOT NULL,
    agent    INTEGER NOT NULL,
    from_seq INTEGER NOT NULL,
    to_seq   INTEGER,
    since    INTEGER NOT NULL, -- Unix seconds
    given_by INTEGER NOT NULL,
    ended    INTEGER NOT NULL,
    cause    INTEGER NOT NULL,
    PRIMARY KEY (provider, agent, from_seq)
) STRICT, WITHOUT ROWID;
CREATE INDEX agent_version_seq ON agent_version (from_seq);
CREATE INDEX agent_version_agent ON agent_version (agent);
CREATE UNIQUE INDEX agent_version_open ON agent_version (provider, agent) WHERE to_seq IS NULL;

CREATE TABLE delegation_version (
    client   INTEGER NOT NULL,
    agent    INTEGER NOT NULL,
    provider INTEGER NOT NULL,
    package  TEXT    NOT NULL,
    role     TEXT    NOT NULL, -- '' when it rests on a grant
    from_seq INTEGER NOT NULL,
    to_seq   INTEGER,
    given_by INTEGER NOT NULL,
    ended    INTEGER NOT NULL,
    cause    INTEGER NOT NULL,
    PRIMARY KEY (client, agent, provider, package, role, from_seq)
) STRICT, WITHOUT ROWID;
CREATE INDEX delegation_version_seq ON delegation_version (from_seq);
CREATE INDEX delegation_version_agent ON delegation_version (agent);
CREATE INDEX delegation_version_provider ON delegation_version (provider);
CREATE UNIQUE INDEX delegation_version_open ON delegation_version (client, agent, provider, package, role) WHERE to_seq IS NULL;

CREATE TABLE scope_version (
    giver      INTEGER NOT NULL,
    receiver   INTEGER NOT NULL,
    scheme     TEXT    NOT NULL,
    from_seq   INTEGER NOT NULL,
    to_seq     INTEGER,
    since      INTEGER NOT NULL, -- Unix seconds
    valid_from INTEGER NOT NULL,
    valid_to   INTEGER NOT NULL,
    given_by   INTEGER NOT NULL,
    basis      TEXT    NOT NULL,
    ended      INTEGER NOT NULL,
    cause      INTEGER NOT NULL,
    PRIMARY KEY (giver, receiver, scheme, from_seq)
) STRICT, WITHOUT ROWID;
CREATE INDEX scope_version_seq ON scope_version (from_seq);
CREATE INDEX scope_version_receiver ON scope_version (receiver);
CREATE UNIQUE INDEX scope_version_open ON scope_version (giver, receiver, scheme) WHERE to_seq IS NULL;

-- Bodies may be long, so the rows lie by rowid. parties holds the numbers as a
-- JSON array; document_party has a row for each of them, to find a document by.
CREATE TABLE document_version (
    kind     TEXT    NOT NULL,
    id       TEXT    NOT NULL,
    from_seq INTEGER NOT NULL,
    to_seq   INTEGER,
    parties  TEXT    NOT NULL,
    body     BLOB    NOT NULL,
    ended    INTEGER NOT NULL,
    UNIQUE (kind, id, from_seq)
) STRICT;
CREATE INDEX document_version_seq ON document_version (from_seq);
CREATE UNIQUE INDEX document_version_open ON document_version (kind, id) WHERE to_seq IS NULL;
CREATE TABLE document_party (
    party    INTEGER NOT NULL,
    kind     TEXT    NOT NULL,
    id       TEXT    NOT NULL,
    from_seq INTEGER NOT NULL,
    PRIMARY KEY (party, kind, id, from_seq)
) STRICT, WITHOUT ROWID;
CREATE INDEX document_party_document ON document_party (kind, id);
