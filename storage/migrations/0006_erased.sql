-- When what a mail held was erased, by law: its row stays, so that the same mail is never taken in anew.
ALTER TABLE messages ADD COLUMN erased_at TEXT;
-- The trail stays append-only, but for this: what a line told of a person may give way to the word that it was erased.
DROP TRIGGER audit_is_append_only;
CREATE TRIGGER audit_is_append_only BEFORE UPDATE ON audit
WHEN NOT (NEW.id = OLD.id AND NEW.at = OLD.at AND NEW.actor = OLD.actor AND NEW.event = OLD.event
          AND NEW.receipt IS OLD.receipt AND NEW.message IS OLD.message
          AND NEW.detail ->> '$.erased' IS 1)
BEGIN SELECT RAISE(ABORT, 'audit is append-only'); END;
