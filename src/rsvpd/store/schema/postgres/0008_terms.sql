-- Words of a mailbox's items, for who looks for them: filled by the mailbox's first search, and kept up by those that
-- follow (commands/indexing.py). Each word has the mailbox before it, so that no search looks at the words of others.

CREATE TABLE item_terms (
  mailbox bigint NOT NULL,
  item bigint NOT NULL,
  terms tsvector NOT NULL,
  PRIMARY KEY (mailbox, item)
);

CREATE INDEX item_terms_terms ON item_terms USING gin (terms);

CREATE TABLE term_index (
  mailbox bigint NOT NULL PRIMARY KEY,
  reached bigint NOT NULL,
  filled bigint NOT NULL
);
