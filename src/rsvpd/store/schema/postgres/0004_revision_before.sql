-- See schema/sqlite/0012_revision_before.sql.

ALTER TABLE change ADD COLUMN revision_before bigint;

CREATE INDEX change_revision ON change (revision_before) WHERE revision_before IS NOT NULL;
