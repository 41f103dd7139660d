-- A meeting is named by its UID and its organizer (RFC 5546 6.1.1): the same UID of two organizers is two meetings.

ALTER TABLE event ADD COLUMN organizer_fold TEXT NOT NULL DEFAULT '';
ALTER TABLE event ADD COLUMN is_namesake INTEGER NOT NULL DEFAULT 0; -- another had the UID before in this mailbox

UPDATE event SET organizer_fold = organizer_of(data);

DROP INDEX event_uid;
CREATE UNIQUE INDEX event_uid ON event (mailbox, uid, organizer_fold);
