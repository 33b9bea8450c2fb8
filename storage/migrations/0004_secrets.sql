-- Mails that bear a 密级 mark: not to be backed up, indexed or shown; 'cleared' once a person found that they are none.
ALTER TABLE messages ADD COLUMN secret TEXT CHECK (secret IN ('marked', 'cleared'));
CREATE INDEX messages_secret ON messages (id) WHERE secret = 'marked';
