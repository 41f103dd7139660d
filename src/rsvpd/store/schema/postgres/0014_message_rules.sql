-- See schema/sqlite/0022_message_rules.sql.

CREATE TABLE message_rule (
  mailbox bigint NOT NULL,
  number bigint NOT NULL,
  data bytea NOT NULL,
  PRIMARY KEY (mailbox, number)
);

CREATE TABLE sender_override (
  mailbox bigint NOT NULL,
  number bigint NOT NULL,
  fold text COLLATE "C" NOT NULL,
  data bytea NOT NULL,
  PRIMARY KEY (mailbox, number)
);

CREATE UNIQUE INDEX sender_override_fold ON sender_override (mailbox, fold);
