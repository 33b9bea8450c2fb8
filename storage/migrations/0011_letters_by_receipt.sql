-- Which letters are about which application, so that none is looked for among all.
CREATE TABLE letters_about (
    receipt TEXT NOT NULL,
    letter INTEGER NOT NULL,
    PRIMARY KEY (receipt, letter)
) STRICT, WITHOUT ROWID;
CREATE TRIGGER letter_comes AFTER INSERT ON outbox BEGIN
    INSERT INTO letters_about SELECT DISTINCT value, NEW.id FROM json_each(NEW.receipts);
END;
INSERT INTO letters_about SELECT DISTINCT value, outbox.id FROM outbox, json_each(outbox.receipts);

-- The small texts that stand in place of a cloud link's file: looked through every few seconds.
CREATE INDEX documents_of_links ON documents (id) WHERE substr(file, -7) = '.链接.txt';

-- In the very order in which the units with the most places are listed: thousands hold one place each.
DROP INDEX taken_by_use;
CREATE INDEX taken_by_use ON taken (channel, used DESC, whose);
