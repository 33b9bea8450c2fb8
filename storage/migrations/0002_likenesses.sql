-- By what applications that are much alike find each other, so that none is compared with all.
CREATE TABLE likenesses (
    likeness TEXT NOT NULL,
    receipt TEXT NOT NULL,
    PRIMARY KEY (likeness, receipt)
) STRICT, WITHOUT ROWID;
CREATE INDEX likenesses_by_receipt ON likenesses (receipt);
