-- Several calendars in a mailbox. The default one has the number 1, and a row only where something of it was set;
-- those of others come from the changes that created them (store/calendars.py). What is asked of times is asked of one
-- calendar, so the indexes of these lead by it.

CREATE TABLE calendar (
  mailbox INTEGER NOT NULL,
  number INTEGER NOT NULL,
  change INTEGER NOT NULL,             -- the change that touched it last: its change key
  calendar_group INTEGER NOT NULL,
  address TEXT NOT NULL,               -- how Google names it, case-folded; '' for the default one
  data BLOB NOT NULL,                  -- calendar.calendars.Properties as MessagePack
  PRIMARY KEY (mailbox, number)
) STRICT, WITHOUT ROWID;

CREATE INDEX calendar_address ON calendar (address) WHERE address <> '';

CREATE TABLE calendar_group (
  mailbox INTEGER NOT NULL,
  number INTEGER NOT NULL,
  change INTEGER NOT NULL,
  name TEXT NOT NULL,
  PRIMARY KEY (mailbox, number)
) STRICT, WITHOUT ROWID;

-- How a calendar, of anybody's, stands in somebody's list of calendars, where that was chosen.
CREATE TABLE calendar_entry (
  mailbox INTEGER NOT NULL,            -- whose list
  owner INTEGER NOT NULL,              -- whose calendar
  calendar INTEGER NOT NULL,
  data BLOB NOT NULL,                  -- calendar.calendars.Entry as MessagePack
  PRIMARY KEY (mailbox, owner, calendar)
) STRICT, WITHOUT ROWID;

CREATE INDEX calendar_entry_owner ON calendar_entry (owner, calendar);

-- Calendars that are emptied slice by slice, of what stood there up to an item.
CREATE TABLE calendar_emptying (
  mailbox INTEGER NOT NULL,
  calendar INTEGER NOT NULL,
  until_item INTEGER NOT NULL,
  asked_us INTEGER NOT NULL,
  notify TEXT NOT NULL,                -- commands.references.Notify
  decline INTEGER NOT NULL,            -- whether a guest's copy is answered
  PRIMARY KEY (mailbox, calendar)
) STRICT, WITHOUT ROWID;

CREATE TABLE permission_of_calendar (
  mailbox INTEGER NOT NULL,
  calendar INTEGER NOT NULL,
  grantee INTEGER NOT NULL,            -- a person's number; 0 for everybody here
  role INTEGER NOT NULL,               -- calendar.permission.CalendarRole
  PRIMARY KEY (mailbox, calendar, grantee)
) STRICT, WITHOUT ROWID;

INSERT INTO permission_of_calendar SELECT mailbox, 1, grantee, role FROM permission;
DROP TABLE permission;
ALTER TABLE permission_of_calendar RENAME TO permission;
CREATE INDEX permission_grantee ON permission (grantee, mailbox, calendar);

DROP INDEX event_begins;
DROP INDEX event_long;
CREATE INDEX event_begins ON event (mailbox, calendar, begins_us);
CREATE INDEX event_long ON event (mailbox, calendar, start_us, end_us)
  WHERE is_series <> 0 OR end_us - start_us > 172800000000;

DELETE FROM sqlite_stat1 WHERE tbl = 'event' AND idx = 'event_begins';
INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES ('event', 'event_begins', '1000000 1000 900 1 1');
ANALYZE sqlite_schema;
