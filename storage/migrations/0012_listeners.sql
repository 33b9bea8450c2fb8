-- The chats that are told what happens, and how far along the audit trail each has been told. `trying` is 1 from
-- before a message goes until its fate is known: found so at a start, nobody knows whether it went. `digest` is the
-- day of the last morning digest, for staff only. After a failure nothing goes before `due_at`.
CREATE TABLE listeners (
    chat TEXT PRIMARY KEY,
    told INTEGER NOT NULL DEFAULT 0,
    told_at TEXT,
    trying INTEGER NOT NULL DEFAULT 0 CHECK (trying IN (0, 1)),
    digest TEXT,
    failures INTEGER NOT NULL DEFAULT 0,
    due_at TEXT,
    fault TEXT NOT NULL DEFAULT ''
) STRICT, WITHOUT ROWID;

-- What a bound chat was last told of how the application stands, and of which deadline it was last reminded.
ALTER TABLE bindings ADD COLUMN told TEXT NOT NULL DEFAULT '';
ALTER TABLE bindings ADD COLUMN reminded TEXT NOT NULL DEFAULT '';
UPDATE bindings SET told = (SELECT state || iif(paper_received IS NULL, '', ' paper')
                            FROM applications WHERE applications.receipt = bindings.receipt);
CREATE INDEX bindings_by_receipt ON bindings (receipt);
