-- Which dates a copy had before a change that took some away (calendar/copy_dates.py): whoever asks what changed since
-- then is told which are gone. Kept as long as the change is.

CREATE TABLE former_dates (
  mailbox INTEGER NOT NULL,
  item INTEGER NOT NULL,
  change INTEGER NOT NULL,
  data BLOB NOT NULL,
  PRIMARY KEY (mailbox, item, change)
) STRICT, WITHOUT ROWID;
