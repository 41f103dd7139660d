-- People, their meetings and messages. Every table of a mailbox is clustered by mailbox, so that
-- one person's things lie together; hot tables carry as few indexes as they can.
-- Instants are microseconds UTC; text columns ending in _fold are case-folded copies for queries.

CREATE TABLE meta (
  key TEXT NOT NULL PRIMARY KEY,
  value BLOB NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE person (
  number INTEGER NOT NULL PRIMARY KEY, -- the mailbox
  oid TEXT NOT NULL UNIQUE,            -- the directory's GUID
  fold TEXT NOT NULL UNIQUE,           -- the address, case-folded
  address TEXT NOT NULL,
  name TEXT NOT NULL,
  zone TEXT NOT NULL,
  kind INTEGER NOT NULL,
  created_us INTEGER NOT NULL
) STRICT;

CREATE TABLE event (
  mailbox INTEGER NOT NULL,
  item INTEGER NOT NULL,               -- the change that created it
  change INTEGER NOT NULL,             -- the change that touched it last: its change key
  state INTEGER NOT NULL,              -- calendar.event.State
  calendar INTEGER NOT NULL,
  uid TEXT NOT NULL,
  begins_us INTEGER NOT NULL,          -- where the single meeting or the master stands
  start_us INTEGER NOT NULL,           -- of the first occurrence, exceptions included
  end_us INTEGER NOT NULL,             -- of the last; 2^62 where there is none
  is_series INTEGER NOT NULL,
  dtstamp_us INTEGER NOT NULL,         -- the organizer's revision, for out-of-date requests
  created_us INTEGER NOT NULL,
  modified_us INTEGER NOT NULL,
  subject_fold TEXT NOT NULL,
  transaction_id TEXT,
  rosters TEXT,                        -- JSON: which rosters are its long guest lists (store/guests.py)
  data BLOB NOT NULL,                  -- calendar.event.Meeting as MessagePack
  PRIMARY KEY (mailbox, item)
) STRICT, WITHOUT ROWID;

CREATE UNIQUE INDEX event_uid ON event (mailbox, uid);
CREATE INDEX event_end ON event (mailbox, end_us);
CREATE UNIQUE INDEX event_transaction ON event (mailbox, transaction_id) WHERE transaction_id IS NOT NULL;

CREATE TABLE roster (
  number INTEGER NOT NULL PRIMARY KEY, -- one row for a long guest list, in however many calendars
  digest BLOB NOT NULL UNIQUE,
  data BLOB NOT NULL                   -- addresses, names, roles as MessagePack
) STRICT;

CREATE TABLE answers (
  mailbox INTEGER NOT NULL,
  item INTEGER NOT NULL,
  recurrence_id TEXT NOT NULL,         -- of an exception; '' for the master
  piece INTEGER NOT NULL,              -- guests 64 * piece and following
  data BLOB NOT NULL,                  -- calendar.event.Attendee by place as MessagePack
  PRIMARY KEY (mailbox, item, recurrence_id, piece)
) STRICT, WITHOUT ROWID;

CREATE TABLE letter (
  number INTEGER NOT NULL PRIMARY KEY, -- one row for the sender's copy and everybody's
  data BLOB NOT NULL                   -- mail.message.Letter as MessagePack
) STRICT;

CREATE TABLE message (
  mailbox INTEGER NOT NULL,
  item INTEGER NOT NULL,
  change INTEGER NOT NULL,
  folder INTEGER NOT NULL,
  received_us INTEGER NOT NULL,
  sent_us INTEGER NOT NULL,
  created_us INTEGER NOT NULL,
  modified_us INTEGER NOT NULL,
  is_read INTEGER NOT NULL,
  is_draft INTEGER NOT NULL,
  kind INTEGER NOT NULL,               -- mail.message.MeetingKind
  event INTEGER NOT NULL,              -- item of the meeting it is about, or 0
  dtstamp_us INTEGER NOT NULL,         -- the revision a request speaks of
  moves INTEGER NOT NULL,              -- how often it changed folder: part of its id
  importance TEXT NOT NULL,
  conversation TEXT NOT NULL,
  subject_fold TEXT NOT NULL,
  from_fold TEXT NOT NULL,
  flag TEXT NOT NULL,
  categories TEXT NOT NULL,            -- JSON list
  letter INTEGER NOT NULL,
  PRIMARY KEY (mailbox, item)
) STRICT, WITHOUT ROWID;

CREATE INDEX message_folder ON message (mailbox, folder, received_us);

CREATE TABLE change (
  mailbox INTEGER NOT NULL,
  number INTEGER NOT NULL,
  item INTEGER NOT NULL,
  kind INTEGER NOT NULL,               -- store.changes.ChangeKind
  PRIMARY KEY (mailbox, number)
) STRICT, WITHOUT ROWID;

CREATE TABLE round (
  number INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, -- never used twice
  mailbox INTEGER NOT NULL,            -- of the organizer
  uid TEXT NOT NULL,
  done INTEGER NOT NULL,               -- how many guests have it
  letters TEXT NOT NULL,               -- JSON: numbers of the letters it delivers
  data BLOB NOT NULL                   -- commands.rounds.Round as MessagePack
) STRICT;

CREATE TABLE outbox (
  number INTEGER NOT NULL PRIMARY KEY,
  key TEXT NOT NULL UNIQUE,            -- what makes a repeat harmless
  due_us INTEGER NOT NULL,
  mailbox INTEGER NOT NULL,
  data BLOB NOT NULL                   -- scheduling.effects.Post as MessagePack
) STRICT;
