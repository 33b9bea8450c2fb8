-- Copies of a mail without a Message-ID are looked for among its sender's.
CREATE INDEX messages_by_sender ON messages (sender, attachments_digest);
