-- How many letters one address got of late, asked for every letter: a letter has one addressee.
CREATE INDEX outbox_by_addressee ON outbox (lower(addressees ->> 0), created_at);
