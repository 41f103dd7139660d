-- See schema/sqlite/0026_counts_by_index.sql.

DROP INDEX message_folder;
CREATE INDEX message_folder ON message (mailbox, folder, received_us, item) INCLUDE (is_read);
