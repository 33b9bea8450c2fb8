-- Mails that speak for an application from an address it does not know: kept beside it until staff settle them.
-- `renews` is 1 for a form of its account, which would be its next version.
CREATE TABLE pending (
    receipt TEXT NOT NULL REFERENCES applications (receipt),
    message INTEGER NOT NULL REFERENCES messages (id),
    renews INTEGER NOT NULL CHECK (renews IN (0, 1)),
    at TEXT NOT NULL,
    settled_at TEXT,
    actor TEXT,
    PRIMARY KEY (receipt, message)
) STRICT, WITHOUT ROWID;
CREATE INDEX pending_by_message ON pending (message);
CREATE INDEX pending_open ON pending (receipt) WHERE settled_at IS NULL;

-- Whether a document is the application's: surely, perhaps (it may be another's of the same mail), or no more.
ALTER TABLE holdings ADD COLUMN belongs TEXT NOT NULL DEFAULT 'yes' CHECK (belongs IN ('yes', 'unsure', 'no'));
