-- Search folders: folders that hold nothing, and show what is elsewhere.

ALTER TABLE mail_folder ADD COLUMN search BLOB;  -- mail.folder.Search as MessagePack; NULL for any other folder
