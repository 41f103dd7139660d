-- Events that may decline the invitations they meet are found without a look at anything else.

ALTER TABLE event ADD COLUMN declines INTEGER NOT NULL DEFAULT 0;

CREATE INDEX event_declines ON event (mailbox, end_us) WHERE declines <> 0;

-- A mailbox has few of them: else a walk through the mailbox seems as short.
INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES ('event', 'event_declines', '1000 2 1');
ANALYZE sqlite_schema;
