-- Folders that owners made; the well-known ones are the same in every mailbox (mail/folder.py).

CREATE TABLE mail_folder (
  mailbox INTEGER NOT NULL,
  number INTEGER NOT NULL,             -- what messages call it: the change that made it, beyond mail.folder.MADE
  change INTEGER NOT NULL,             -- the change that touched it last
  parent INTEGER NOT NULL,
  name TEXT NOT NULL,
  is_hidden INTEGER NOT NULL,
  PRIMARY KEY (mailbox, number)
) STRICT, WITHOUT ROWID;

CREATE TABLE folder_work (
  number INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, -- never used twice
  mailbox INTEGER NOT NULL,
  data BLOB NOT NULL                   -- commands.folders.Work as MessagePack
) STRICT;

ALTER TABLE message ADD COLUMN flag_dates TEXT NOT NULL DEFAULT ''; -- JSON: when a flag starts, is due, was completed
ALTER TABLE message ADD COLUMN inference INTEGER NOT NULL DEFAULT 0; -- mail.message.Inference
