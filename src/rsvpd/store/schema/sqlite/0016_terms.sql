-- Words of a mailbox's items, for who looks for them: filled by the mailbox's first search, and kept up by those that
-- follow (commands/indexing.py). A row is named by 2^32 times the mailbox and the item. Each word has the mailbox
-- before it, so that no search looks at the words of others.

CREATE VIRTUAL TABLE item_terms USING fts5(terms, detail=none, columnsize=0, tokenize=ascii);

CREATE TABLE term_index (
  mailbox INTEGER NOT NULL PRIMARY KEY,
  reached INTEGER NOT NULL, -- the change up to which everything is in it
  filled INTEGER NOT NULL   -- of what was there before, up to which item that is so; 2^62 for all of it
) STRICT;
