-- Which dates a copy had before a change that took some away (calendar/copy_dates.py): whoever asks what changed since
-- then is told which are gone. Kept as long as the change is.

CREATE TABLE former_dates (
  mailbox bigint NOT NULL,
  item bigint NOT NULL,
  change bigint NOT NULL,
  data bytea NOT NULL,
  PRIMARY KEY (mailbox, item, change)
);
