-- See schema/sqlite/0014_settings.sql.

CREATE TABLE mailbox_settings (
  mailbox bigint NOT NULL PRIMARY KEY,
  replies_from_us bigint,
  replies_until_us bigint,
  settings text NOT NULL
);

CREATE TABLE answered_sender (
  mailbox bigint NOT NULL,
  fold text COLLATE "C" NOT NULL,
  answered_us bigint NOT NULL,
  PRIMARY KEY (mailbox, fold)
);
