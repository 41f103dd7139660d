-- What names a meeting, its UID and its organizer (RFC 5546 6.1.1), is stored once, not in every copy and once more in
-- an index of it: copies are half as long.

CREATE TABLE meeting (
  number INTEGER NOT NULL PRIMARY KEY,
  uid TEXT NOT NULL,
  organizer_fold TEXT NOT NULL
) STRICT;

INSERT INTO meeting (uid, organizer_fold) SELECT DISTINCT uid, organizer_fold FROM event ORDER BY uid, organizer_fold;
CREATE UNIQUE INDEX meeting_uid ON meeting (uid, organizer_fold);

ALTER TABLE event ADD COLUMN meeting INTEGER NOT NULL DEFAULT 0;
UPDATE event SET meeting = (
  SELECT number FROM meeting WHERE meeting.uid = event.uid AND meeting.organizer_fold = event.organizer_fold
);
DROP INDEX event_uid;
ALTER TABLE event DROP COLUMN uid;
ALTER TABLE event DROP COLUMN organizer_fold;
CREATE UNIQUE INDEX event_meeting ON event (meeting, mailbox);

-- A single event begins where it stands: windows find the short ones in the index of that, and a new event writes one
-- index less. Whatever else there is, series and what lasts longer than two days, has the other one.

UPDATE event SET begins_us = start_us WHERE is_series = 0 AND begins_us <> start_us;

DROP INDEX event_short;
DROP INDEX event_long;
CREATE INDEX event_long ON event (mailbox, start_us, end_us)
  WHERE is_series <> 0 OR end_us - start_us > 172800000000;

-- What to expect of a mailbox and of a meeting, for whoever plans a query: without, a walk through a mailbox seems no
-- longer than a look into an index.

ANALYZE sqlite_schema;
INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES
  ('event', 'event', '1000000 1000 1'),
  ('event', 'event_begins', '1000000 1000 1 1'),
  ('event', 'event_meeting', '1000000 10 1');
ANALYZE sqlite_schema;
