-- Who scores in a round of a campaign (`prefix`), and each one's unit, which must not judge itself.
CREATE TABLE reviewers (
    prefix TEXT NOT NULL,
    round TEXT NOT NULL CHECK (round IN ('preliminary', 'expert')),
    reviewer TEXT NOT NULL,
    unit TEXT,
    PRIMARY KEY (prefix, round, reviewer)
) STRICT, WITHOUT ROWID;

-- What a reviewer gave: hundredths of a point by criterion as JSON, or nothing and why the reviewer stood aside.
CREATE TABLE scores (
    round TEXT NOT NULL CHECK (round IN ('preliminary', 'expert')),
    receipt TEXT NOT NULL REFERENCES applications (receipt),
    reviewer TEXT NOT NULL,
    points TEXT,
    aside TEXT,
    PRIMARY KEY (round, receipt, reviewer),
    CHECK ((points IS NULL) <> (aside IS NULL))
) STRICT, WITHOUT ROWID;

-- Works of years that this store did not see, from a list of the office's.
CREATE TABLE earlier_works (
    id INTEGER PRIMARY KEY,
    year INTEGER NOT NULL,
    name TEXT NOT NULL,
    organizer TEXT NOT NULL DEFAULT '',
    identifier TEXT NOT NULL DEFAULT '',
    result TEXT NOT NULL,
    name_key TEXT NOT NULL,
    organizer_key TEXT,
    UNIQUE (year, name_key, organizer, identifier)
) STRICT;
CREATE INDEX earlier_by_name ON earlier_works (name_key);
CREATE INDEX earlier_by_organizer ON earlier_works (organizer_key) WHERE organizer_key IS NOT NULL;
