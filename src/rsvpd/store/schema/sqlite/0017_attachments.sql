-- What is attached stands in letters and in what organizers say; its bytes are stored once, by their digest, in pieces.
-- `holder` counts who refers to a content: a letter, a revision, a copy with own attachments, a message that waits to
-- leave, an upload. The last one who lets it go takes it away.

CREATE TABLE content (
  number INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, -- never used twice
  digest BLOB UNIQUE,          -- mail.attachment.Content; NULL while it is coming in
  size INTEGER NOT NULL,
  holders INTEGER NOT NULL     -- how many rows in content_holder
) STRICT;

CREATE TABLE content_piece (
  content INTEGER NOT NULL,
  place INTEGER NOT NULL,
  data BLOB NOT NULL,          -- a mebibyte; the last piece is shorter
  PRIMARY KEY (content, place)
) STRICT;

CREATE TABLE content_holder (
  kind INTEGER NOT NULL,       -- store.contents.Holder
  mailbox INTEGER NOT NULL,    -- of a copy; else 0
  holder INTEGER NOT NULL,
  content INTEGER NOT NULL,
  PRIMARY KEY (kind, mailbox, holder, content)
) STRICT, WITHOUT ROWID;

CREATE TABLE upload (
  number INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
  digest BLOB NOT NULL UNIQUE, -- SHA-256 of the secret in its address
  mailbox INTEGER NOT NULL,
  expires_us INTEGER NOT NULL,
  content INTEGER NOT NULL,
  received INTEGER NOT NULL,   -- bytes so far
  data BLOB NOT NULL           -- mail.upload.Upload as MessagePack
) STRICT;

CREATE INDEX upload_expires ON upload (expires_us);
CREATE INDEX upload_mailbox ON upload (mailbox);

ALTER TABLE message ADD COLUMN attached INTEGER NOT NULL DEFAULT 0; -- mail.attachment.Presence

-- Who else has a letter with attachments is asked when one lets it go.
CREATE INDEX message_attached ON message (letter) WHERE attached <> 0;
