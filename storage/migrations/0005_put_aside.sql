-- Why staff put a quarantined mail aside: it stays kept, and asks for nobody any more.
ALTER TABLE messages ADD COLUMN put_aside TEXT CHECK (put_aside IS NULL OR outcome IS NOT NULL);
