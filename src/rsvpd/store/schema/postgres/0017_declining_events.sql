-- See schema/sqlite/0025_declining_events.sql.

ALTER TABLE event ADD COLUMN declines integer NOT NULL DEFAULT 0;

CREATE INDEX event_declines ON event (mailbox, end_us) WHERE declines <> 0;
