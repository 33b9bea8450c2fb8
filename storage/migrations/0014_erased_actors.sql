-- An applicant who did something himself stands in the trail as who did it: that too may give way when he is erased.
DROP TRIGGER audit_is_append_only;
CREATE TRIGGER audit_is_append_only BEFORE UPDATE ON audit
WHEN NOT (NEW.id = OLD.id AND NEW.at = OLD.at AND NEW.actor IN (OLD.actor, '（已删除）') AND NEW.event = OLD.event
          AND NEW.receipt IS OLD.receipt AND NEW.message IS OLD.message
          AND NEW.detail ->> '$.erased' IS 1)
BEGIN SELECT RAISE(ABORT, 'audit is append-only'); END;
