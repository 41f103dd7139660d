-- Long guest lists and the answers beside them are no special case any more.

DROP TABLE roster;
DROP TABLE answers;
ALTER TABLE event DROP COLUMN rosters;
