-- Who may do what with somebody's calendar, and where the owner's meeting messages go.

CREATE TABLE permission (
  mailbox INTEGER NOT NULL,            -- whose calendar
  grantee INTEGER NOT NULL,            -- a person's number; 0 for everybody here
  role INTEGER NOT NULL,               -- calendar.permission.CalendarRole
  PRIMARY KEY (mailbox, grantee)
) STRICT, WITHOUT ROWID;

CREATE INDEX permission_grantee ON permission (grantee, mailbox);

CREATE TABLE delegation (
  mailbox INTEGER NOT NULL PRIMARY KEY,
  delivery INTEGER NOT NULL            -- calendar.permission.Delivery
) STRICT;

-- Whose meeting a message is about that went to a delegate; 0 for the mailbox's own.
ALTER TABLE message ADD COLUMN principal INTEGER NOT NULL DEFAULT 0;
