-- See schema/sqlite/0019_calendars.sql.

CREATE TABLE calendar (
  mailbox bigint NOT NULL,
  number bigint NOT NULL,
  change bigint NOT NULL,
  calendar_group bigint NOT NULL,
  address text COLLATE "C" NOT NULL,
  data bytea NOT NULL,
  PRIMARY KEY (mailbox, number)
);

CREATE INDEX calendar_address ON calendar (address) WHERE address <> '';

CREATE TABLE calendar_group (
  mailbox bigint NOT NULL,
  number bigint NOT NULL,
  change bigint NOT NULL,
  name text NOT NULL,
  PRIMARY KEY (mailbox, number)
);

CREATE TABLE calendar_entry (
  mailbox bigint NOT NULL,
  owner bigint NOT NULL,
  calendar bigint NOT NULL,
  data bytea NOT NULL,
  PRIMARY KEY (mailbox, owner, calendar)
);

CREATE INDEX calendar_entry_owner ON calendar_entry (owner, calendar);

CREATE TABLE calendar_emptying (
  mailbox bigint NOT NULL,
  calendar bigint NOT NULL,
  until_item bigint NOT NULL,
  asked_us bigint NOT NULL,
  notify text NOT NULL,
  decline integer NOT NULL,
  PRIMARY KEY (mailbox, calendar)
);

ALTER TABLE permission ADD COLUMN calendar bigint NOT NULL DEFAULT 1;
ALTER TABLE permission ALTER COLUMN calendar DROP DEFAULT;
ALTER TABLE permission DROP CONSTRAINT permission_pkey;
ALTER TABLE permission ADD PRIMARY KEY (mailbox, calendar, grantee);
DROP INDEX permission_grantee;
CREATE INDEX permission_grantee ON permission (grantee, mailbox, calendar);

ALTER TABLE event ALTER COLUMN calendar TYPE bigint;
ALTER TABLE change ALTER COLUMN place TYPE bigint, ALTER COLUMN place_before TYPE bigint;
DROP INDEX event_begins;
DROP INDEX event_long;
CREATE INDEX event_begins ON event (mailbox, calendar, begins_us, item);
CREATE INDEX event_long ON event (mailbox, calendar, start_us, end_us)
  WHERE is_series <> 0 OR end_us - start_us > 172800000000;
