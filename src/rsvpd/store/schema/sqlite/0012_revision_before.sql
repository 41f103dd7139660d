-- A change of the dates of a series names the revision that it replaced, which stays as long as that change is kept: so
-- whoever has been told of the dates of before can be told which of them are gone.

ALTER TABLE change ADD COLUMN revision_before INTEGER;  -- NULL where the dates are the same

CREATE INDEX change_revision ON change (revision_before) WHERE revision_before IS NOT NULL;
