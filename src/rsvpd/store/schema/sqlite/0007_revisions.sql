-- What the organizer says of a meeting is stored once per revision, whoever holds it; a copy keeps only what is its
-- owner's; who answered what is a row for each meeting, recurrence id and address. store/sqlite/upgrade_7.py takes apart what
-- earlier versions stored as one.

CREATE TABLE revision (
  number INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, -- never used twice
  digest BLOB NOT NULL UNIQUE,         -- of the data: what is said again is stored once
  data BLOB NOT NULL                   -- calendar.revision.Revision as MessagePack
) STRICT;

CREATE TABLE response (
  mailbox INTEGER NOT NULL,            -- of the organizer
  item INTEGER NOT NULL,
  recurrence_id TEXT NOT NULL,         -- '' where the answer is to the whole
  address TEXT NOT NULL,               -- case-folded
  data BLOB NOT NULL,                  -- calendar.copy.Response as MessagePack
  PRIMARY KEY (mailbox, item, recurrence_id, address)
) STRICT, WITHOUT ROWID;

CREATE TABLE own_date (
  mailbox INTEGER NOT NULL,
  item INTEGER NOT NULL,
  recurrence_id TEXT NOT NULL,
  data BLOB NOT NULL,                  -- calendar.copy.Private as MessagePack
  PRIMARY KEY (mailbox, item, recurrence_id)
) STRICT, WITHOUT ROWID;

ALTER TABLE event ADD COLUMN revision INTEGER NOT NULL DEFAULT 0;
ALTER TABLE event ADD COLUMN has_responses INTEGER NOT NULL DEFAULT 0; -- whether there is any row in response
ALTER TABLE event ADD COLUMN has_dates INTEGER NOT NULL DEFAULT 0;     -- whether there is any row in own_date
ALTER TABLE round ADD COLUMN revision INTEGER NOT NULL DEFAULT 0;

CREATE INDEX event_revision ON event (revision);
