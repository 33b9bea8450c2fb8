-- What a decision asks for: it must not look through all that a campaign leaves.
-- Which letters are about an application: a letter names several.
CREATE TABLE letters_about (
    receipt TEXT NOT NULL,
    letter INTEGER NOT NULL REFERENCES outbox (id),
    PRIMARY KEY (receipt, letter)
) STRICT, WITHOUT ROWID;
CREATE TRIGGER letter_comes AFTER INSERT ON outbox BEGIN
    INSERT INTO letters_about SELECT DISTINCT value, NEW.id FROM json_each(NEW.receipts);
END;
INSERT INTO letters_about SELECT DISTINCT value, outbox.id FROM outbox, json_each(outbox.receipts);

-- Who was turned away for want of an account or an operator that another gives up.
CREATE INDEX applications_wanting_account ON applications (account_key) WHERE state IN ('rejected', 'reviewing');
CREATE INDEX applications_wanting_operator ON applications (operator_key) WHERE state IN ('rejected', 'reviewing');
CREATE INDEX applications_wanting_code ON applications (operator_code) WHERE state IN ('rejected', 'reviewing');
