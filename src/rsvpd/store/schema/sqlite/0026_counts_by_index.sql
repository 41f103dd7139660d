-- A folder is counted by the index alone, without a look at its messages.

DROP INDEX message_folder;
CREATE INDEX message_folder ON message (mailbox, folder, received_us, item, is_read);
