-- The counts that a chat asks for, kept up with every change: none is counted anew among a hundred thousand.
CREATE TABLE standing (
    county TEXT NOT NULL,
    state TEXT NOT NULL,
    number INTEGER NOT NULL,
    PRIMARY KEY (county, state)
) STRICT, WITHOUT ROWID;

-- Accounts that hold a place, by whose quota they are on: a county, or the key of a direct unit.
CREATE TABLE taken (
    channel TEXT NOT NULL,
    whose TEXT NOT NULL,
    used INTEGER NOT NULL,
    waiting INTEGER NOT NULL,
    PRIMARY KEY (channel, whose)
) STRICT, WITHOUT ROWID;
CREATE INDEX taken_by_use ON taken (channel, used);

CREATE TABLE takers (
    channel TEXT PRIMARY KEY,
    units INTEGER NOT NULL,
    used INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- What applications that are still open wait for; `application` is the id, which is the order of receipts.
CREATE TABLE waiting (
    outcome TEXT NOT NULL,
    code TEXT NOT NULL,
    application INTEGER NOT NULL,
    PRIMARY KEY (outcome, code, application)
) STRICT, WITHOUT ROWID;
CREATE INDEX waiting_by_application ON waiting (application);

CREATE TABLE waiting_numbers (
    outcome TEXT NOT NULL,
    code TEXT NOT NULL,
    number INTEGER NOT NULL,
    PRIMARY KEY (outcome, code)
) STRICT, WITHOUT ROWID;

-- By an expression, so that they serve the pages of a list and tempt no query for the holders of places.
CREATE INDEX applications_of_both ON applications (ifnull(county, ''), state, prefix, number);
CREATE INDEX applications_of_county ON applications (ifnull(county, ''), prefix, number);
CREATE INDEX applications_of_state ON applications (state, prefix, number);

CREATE TRIGGER waiting_more AFTER INSERT ON waiting BEGIN
    INSERT INTO waiting_numbers VALUES (NEW.outcome, NEW.code, 1)
        ON CONFLICT (outcome, code) DO UPDATE SET number = number + 1;
END;
CREATE TRIGGER waiting_less AFTER DELETE ON waiting BEGIN
    UPDATE waiting_numbers SET number = number - 1 WHERE outcome = OLD.outcome AND code = OLD.code;
END;
CREATE TRIGGER taken_more AFTER INSERT ON taken BEGIN
    INSERT INTO takers VALUES (NEW.channel, 1, NEW.used)
        ON CONFLICT (channel) DO UPDATE SET units = units + 1, used = used + excluded.used;
END;
CREATE TRIGGER taken_else AFTER UPDATE OF used ON taken BEGIN
    UPDATE takers SET used = used + NEW.used - OLD.used WHERE channel = NEW.channel;
END;
CREATE TRIGGER taken_less AFTER DELETE ON taken BEGIN
    UPDATE takers SET units = units - 1, used = used - OLD.used WHERE channel = OLD.channel;
END;

CREATE TRIGGER application_comes AFTER INSERT ON applications BEGIN
    INSERT INTO standing VALUES (ifnull(NEW.county, ''), NEW.state, 1)
        ON CONFLICT (county, state) DO UPDATE SET number = number + 1;
    INSERT INTO taken SELECT NEW.channel, ifnull(iif(NEW.channel = 'county', NEW.county, NEW.submitter_key), ''),
            1, NEW.state IN ('correcting', 'reviewing')
        WHERE NEW.holds_place = 1 AND NEW.kind = 'account'
        ON CONFLICT (channel, whose) DO UPDATE SET used = used + 1, waiting = waiting + excluded.waiting;
END;
CREATE TRIGGER application_changes
AFTER UPDATE OF state, county, channel, kind, holds_place, submitter_key ON applications
WHEN (OLD.state, OLD.county, OLD.channel, OLD.kind, OLD.holds_place, OLD.submitter_key)
    IS NOT (NEW.state, NEW.county, NEW.channel, NEW.kind, NEW.holds_place, NEW.submitter_key)
BEGIN
    UPDATE standing SET number = number - 1 WHERE county = ifnull(OLD.county, '') AND state = OLD.state;
    INSERT INTO standing VALUES (ifnull(NEW.county, ''), NEW.state, 1)
        ON CONFLICT (county, state) DO UPDATE SET number = number + 1;
    UPDATE taken SET used = used - 1, waiting = waiting - (OLD.state IN ('correcting', 'reviewing'))
        WHERE OLD.holds_place = 1 AND OLD.kind IS 'account' AND channel = OLD.channel
          AND whose = ifnull(iif(OLD.channel = 'county', OLD.county, OLD.submitter_key), '');
    INSERT INTO taken SELECT NEW.channel, ifnull(iif(NEW.channel = 'county', NEW.county, NEW.submitter_key), ''),
            1, NEW.state IN ('correcting', 'reviewing')
        WHERE NEW.holds_place = 1 AND NEW.kind = 'account'
        ON CONFLICT (channel, whose) DO UPDATE SET used = used + 1, waiting = waiting + excluded.waiting;
    DELETE FROM taken WHERE channel = OLD.channel AND used = 0
          AND whose = ifnull(iif(OLD.channel = 'county', OLD.county, OLD.submitter_key), '');
    DELETE FROM waiting WHERE application = NEW.id AND NEW.state NOT IN ('correcting', 'reviewing');
    INSERT INTO waiting SELECT DISTINCT outcome, code, NEW.id FROM problems
        WHERE receipt = NEW.receipt AND outcome IN ('correct', 'review')
          AND NEW.state IN ('correcting', 'reviewing') AND OLD.state NOT IN ('correcting', 'reviewing');
END;
CREATE TRIGGER application_goes AFTER DELETE ON applications BEGIN
    UPDATE standing SET number = number - 1 WHERE county = ifnull(OLD.county, '') AND state = OLD.state;
    UPDATE taken SET used = used - 1, waiting = waiting - (OLD.state IN ('correcting', 'reviewing'))
        WHERE OLD.holds_place = 1 AND OLD.kind IS 'account' AND channel = OLD.channel
          AND whose = ifnull(iif(OLD.channel = 'county', OLD.county, OLD.submitter_key), '');
    DELETE FROM taken WHERE channel = OLD.channel AND used = 0
          AND whose = ifnull(iif(OLD.channel = 'county', OLD.county, OLD.submitter_key), '');
    DELETE FROM waiting WHERE application = OLD.id;
END;
CREATE TRIGGER problem_comes AFTER INSERT ON problems WHEN NEW.outcome IN ('correct', 'review') BEGIN
    INSERT INTO waiting SELECT NEW.outcome, NEW.code, id FROM applications
        WHERE receipt = NEW.receipt AND state IN ('correcting', 'reviewing')
        ON CONFLICT DO NOTHING;
END;
CREATE TRIGGER problem_goes AFTER DELETE ON problems WHEN OLD.outcome IN ('correct', 'review') BEGIN
    DELETE FROM waiting WHERE outcome = OLD.outcome AND code = OLD.code
        AND application = (SELECT id FROM applications WHERE receipt = OLD.receipt)
        AND NOT EXISTS (SELECT 1 FROM problems
                        WHERE receipt = OLD.receipt AND code = OLD.code AND outcome = OLD.outcome);
END;

-- What is in the store already.
INSERT INTO standing SELECT ifnull(county, ''), state, count(*) FROM applications GROUP BY 1, 2;
INSERT INTO taken SELECT channel, ifnull(iif(channel = 'county', county, submitter_key), ''), count(*),
        sum(state IN ('correcting', 'reviewing'))
    FROM applications WHERE holds_place = 1 AND kind = 'account' GROUP BY 1, 2;
INSERT INTO waiting SELECT DISTINCT problems.outcome, problems.code, applications.id
    FROM problems JOIN applications USING (receipt)
    WHERE outcome IN ('correct', 'review') AND state IN ('correcting', 'reviewing');
