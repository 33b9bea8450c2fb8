-- Facts: what came, and what was read in it. Nothing here is ever changed but a message's outcome.
CREATE TABLE messages (
    id INTEGER PRIMARY KEY,
    sha256 TEXT NOT NULL UNIQUE CHECK (length(sha256) = 64),
    size INTEGER NOT NULL,
    door TEXT NOT NULL CHECK (door IN ('imap', 'smtp', 'file')),
    origin TEXT NOT NULL,
    received_at TEXT NOT NULL,
    received_unix REAL NOT NULL,
    clock TEXT NOT NULL CHECK (clock IN ('internaldate', 'listener', 'received', 'date', 'import')),
    kept_at TEXT NOT NULL,
    message_id TEXT,
    sender TEXT,
    subject TEXT,
    attachments_digest TEXT,
    outcome TEXT CHECK (outcome IN ('application', 'supplement', 'withdrawal', 'query', 'inquiry',
                                    'duplicate', 'ignored', 'quarantined')),
    reason TEXT,
    tries INTEGER NOT NULL DEFAULT 0,
    finished_at TEXT,
    CHECK ((outcome IS NULL) = (finished_at IS NULL))
) STRICT;
CREATE INDEX messages_by_time ON messages (received_unix);
CREATE INDEX messages_by_outcome ON messages (outcome, id);
CREATE INDEX messages_waiting ON messages (received_unix, id) WHERE outcome IS NULL;
CREATE INDEX messages_by_message_id ON messages (message_id) WHERE message_id IS NOT NULL;

-- Every time a mail was seen, by whichever door: the second sighting of one mail is a row here only.
CREATE TABLE arrivals (
    id INTEGER PRIMARY KEY,
    message INTEGER NOT NULL REFERENCES messages (id),
    door TEXT NOT NULL,
    origin TEXT NOT NULL,
    at TEXT NOT NULL
) STRICT;
CREATE INDEX arrivals_by_message ON arrivals (message);

CREATE TABLE positions (
    account TEXT NOT NULL,
    folder TEXT NOT NULL,
    uidvalidity INTEGER NOT NULL,
    uid INTEGER NOT NULL,
    message INTEGER NOT NULL REFERENCES messages (id),
    PRIMARY KEY (account, folder, uidvalidity, uid)
) STRICT, WITHOUT ROWID;
CREATE INDEX positions_by_message ON positions (message);

CREATE TABLE facts (
    sha256 TEXT NOT NULL,
    parsers TEXT NOT NULL,
    facts TEXT NOT NULL,
    read_at TEXT NOT NULL,
    PRIMARY KEY (sha256, parsers)
) STRICT, WITHOUT ROWID;

-- The files of a message, containers and their members alike, in the mail's order.
CREATE TABLE documents (
    id INTEGER PRIMARY KEY,
    message INTEGER REFERENCES messages (id),
    position INTEGER NOT NULL,
    file TEXT NOT NULL,
    type TEXT NOT NULL,
    sha256 TEXT NOT NULL
) STRICT;
CREATE INDEX documents_by_message ON documents (message, position);
CREATE INDEX documents_by_sha256 ON documents (sha256);

-- The last receipt number given under each prefix; a rolled back transaction gives its number back.
CREATE TABLE receipts (
    prefix TEXT PRIMARY KEY,
    last INTEGER NOT NULL CHECK (last > 0)
) STRICT, WITHOUT ROWID;

-- Judgements: derived from the facts, and made again when they change.
CREATE TABLE applications (
    id INTEGER PRIMARY KEY,
    receipt TEXT NOT NULL UNIQUE,
    prefix TEXT NOT NULL,
    number INTEGER NOT NULL,
    version INTEGER NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('correcting', 'reviewing', 'rejected', 'accepted', 'withdrawn',
                                         'shortlisted', 'eliminated', 'awarded', 'recommended')),
    kind TEXT CHECK (kind IN ('website', 'account')),
    platform TEXT,
    channel TEXT NOT NULL CHECK (channel IN ('direct', 'county')),
    county TEXT,
    submitter TEXT,
    submitter_key TEXT,
    account_key TEXT,
    operator_key TEXT,
    operator_code TEXT,
    holds_place INTEGER NOT NULL DEFAULT 0 CHECK (holds_place IN (0, 1)),
    fields TEXT NOT NULL,
    received_at TEXT NOT NULL,
    received_unix REAL NOT NULL,
    changed_at TEXT NOT NULL,
    received_surely INTEGER NOT NULL DEFAULT 1 CHECK (received_surely IN (0, 1)),
    token TEXT NOT NULL UNIQUE CHECK (token <> ''),
    decided INTEGER NOT NULL DEFAULT 0 CHECK (decided IN (0, 1)),
    paper_received TEXT,
    UNIQUE (prefix, number)
) STRICT;
CREATE INDEX applications_by_submitter ON applications (submitter_key, account_key);
CREATE INDEX applications_by_place ON applications (channel, submitter_key)
    WHERE holds_place = 1 AND kind = 'account';
CREATE INDEX applications_by_county_place ON applications (channel, county)
    WHERE holds_place = 1 AND kind = 'account';
CREATE INDEX applications_by_time ON applications (received_unix);
CREATE INDEX applications_by_account ON applications (account_key) WHERE holds_place = 1;
CREATE INDEX applications_by_operator ON applications (operator_key) WHERE holds_place = 1;
CREATE INDEX applications_by_code ON applications (operator_code) WHERE holds_place = 1;
CREATE INDEX applications_by_county ON applications (county, state);
CREATE INDEX applications_by_state ON applications (state);

CREATE TABLE versions (
    receipt TEXT NOT NULL REFERENCES applications (receipt),
    version INTEGER NOT NULL,
    message INTEGER REFERENCES messages (id),
    at TEXT NOT NULL,
    fields TEXT NOT NULL,
    PRIMARY KEY (receipt, version)
) STRICT, WITHOUT ROWID;
CREATE INDEX versions_by_message ON versions (message);

-- The documents of an application, each under the version that brought it.
CREATE TABLE holdings (
    receipt TEXT NOT NULL REFERENCES applications (receipt),
    document INTEGER NOT NULL REFERENCES documents (id),
    version INTEGER NOT NULL,
    PRIMARY KEY (receipt, document)
) STRICT, WITHOUT ROWID;
CREATE INDEX holdings_by_document ON holdings (document);

CREATE TABLE problems (
    receipt TEXT NOT NULL REFERENCES applications (receipt),
    position INTEGER NOT NULL,
    code TEXT NOT NULL,
    outcome TEXT NOT NULL CHECK (outcome IN ('correct', 'review', 'reject', 'note')),
    problem TEXT NOT NULL,
    PRIMARY KEY (receipt, position)
) STRICT, WITHOUT ROWID;
CREATE INDEX problems_by_code ON problems (code);

CREATE TABLE addresses (
    receipt TEXT NOT NULL REFERENCES applications (receipt),
    address TEXT NOT NULL,
    PRIMARY KEY (receipt, address)
) STRICT, WITHOUT ROWID;
CREATE INDEX addresses_by_address ON addresses (address);

-- Values that staff set by hand: they stand over what a form says until staff change them.
CREATE TABLE settled (
    receipt TEXT NOT NULL REFERENCES applications (receipt),
    field TEXT NOT NULL,
    value TEXT,
    actor TEXT NOT NULL,
    at TEXT NOT NULL,
    PRIMARY KEY (receipt, field)
) STRICT, WITHOUT ROWID;

CREATE TABLE outbox (
    id INTEGER PRIMARY KEY,
    kind TEXT NOT NULL,
    receipts TEXT NOT NULL,
    cause TEXT NOT NULL,
    message_id TEXT NOT NULL UNIQUE,
    in_reply_to TEXT,
    refs TEXT NOT NULL DEFAULT '[]',
    addressees TEXT NOT NULL,
    subject TEXT NOT NULL,
    body TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('draft', 'held', 'queued', 'sending', 'sent', 'uncertain', 'failed')),
    created_at TEXT NOT NULL,
    due_at TEXT NOT NULL,
    tries INTEGER NOT NULL DEFAULT 0,
    error TEXT,
    tried_at TEXT,
    sent_at TEXT,
    -- When the hour's limit bites, what asks something of an applicant goes first.
    urgency INTEGER NOT NULL GENERATED ALWAYS AS
        (CASE WHEN kind IN ('correction', 'rejection') THEN 0 ELSE 1 END) VIRTUAL,
    UNIQUE (kind, receipts, cause)
) STRICT;
CREATE INDEX outbox_due ON outbox (urgency, id) WHERE state = 'queued';
CREATE INDEX outbox_by_state ON outbox (state);
CREATE INDEX outbox_tried ON outbox (tried_at) WHERE tried_at IS NOT NULL;
CREATE INDEX outbox_sent ON outbox (sent_at) WHERE sent_at IS NOT NULL;
CREATE INDEX outbox_by_time ON outbox (created_at);

CREATE TABLE audit (
    id INTEGER PRIMARY KEY,
    at TEXT NOT NULL,
    actor TEXT NOT NULL,
    event TEXT NOT NULL,
    receipt TEXT,
    message INTEGER,
    detail TEXT NOT NULL DEFAULT '{}'
) STRICT;
CREATE INDEX audit_by_receipt ON audit (receipt, id);
CREATE INDEX audit_by_event ON audit (event, at);
CREATE TRIGGER audit_is_append_only BEFORE UPDATE ON audit BEGIN SELECT RAISE(ABORT, 'audit is append-only'); END;
CREATE TRIGGER audit_keeps_everything BEFORE DELETE ON audit BEGIN SELECT RAISE(ABORT, 'audit is append-only'); END;

CREATE TABLE bindings (
    chat TEXT NOT NULL,
    receipt TEXT NOT NULL REFERENCES applications (receipt),
    bound_at TEXT NOT NULL,
    PRIMARY KEY (chat, receipt)
) STRICT, WITHOUT ROWID;

-- Bigrams of our own (rowid: the application's id): the trigram tokenizer finds nothing for a
-- two-character word such as 谯城. The ascii tokenizer takes every other letter as it comes.
CREATE VIRTUAL TABLE search USING fts5 (grams, tokenize = 'ascii');

CREATE TABLE marks (
    name TEXT PRIMARY KEY,
    value TEXT NOT NULL,
    at TEXT NOT NULL
) STRICT, WITHOUT ROWID;
