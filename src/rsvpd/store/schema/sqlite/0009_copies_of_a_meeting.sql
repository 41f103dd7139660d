-- The copies of one meeting stand together, so that an invitation to many writes one page of this index, not one for
-- each of them. Who asks by mailbox and UID finds them as before.

DROP INDEX event_uid;
CREATE UNIQUE INDEX event_uid ON event (uid, mailbox, organizer_fold);
