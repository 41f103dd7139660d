-- See schema/sqlite/0011_change_feed.sql.

ALTER TABLE change
  ADD COLUMN place integer,
  ADD COLUMN place_before integer,
  ADD COLUMN moves_before integer,
  ADD COLUMN from_us bigint,
  ADD COLUMN until_us bigint;
