-- See schema/sqlite/0024_search_folders.sql.

ALTER TABLE mail_folder ADD COLUMN search bytea;
