-- Long guest lists and the answers beside them are no special case any more; what is under way to many guests is
-- called a delivery.

DROP TABLE roster;
DROP TABLE answers;
ALTER TABLE event DROP COLUMN rosters;

ALTER TABLE round RENAME TO delivery;
