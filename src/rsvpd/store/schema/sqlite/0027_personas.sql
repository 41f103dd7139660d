-- People who answer by themselves, and what each of them is asked and has not answered yet: of one meeting, or one date
-- of it ('' for the whole), at an instant of the server's clock.

CREATE TABLE persona (
  mailbox INTEGER PRIMARY KEY,
  data BLOB NOT NULL
) STRICT;

CREATE TABLE persona_due (
  mailbox INTEGER NOT NULL,
  uid TEXT NOT NULL,
  organizer TEXT NOT NULL,
  recurrence_id TEXT NOT NULL,
  due_us INTEGER NOT NULL,
  PRIMARY KEY (mailbox, uid, organizer, recurrence_id)
) STRICT, WITHOUT ROWID;

CREATE INDEX persona_due_us ON persona_due (due_us);
