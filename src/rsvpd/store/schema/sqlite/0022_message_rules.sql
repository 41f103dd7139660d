-- What owners want done with mail that comes in.

CREATE TABLE message_rule (
  mailbox INTEGER NOT NULL,
  number INTEGER NOT NULL,             -- the change that made it
  data BLOB NOT NULL,                  -- mail.rule.MessageRule as MessagePack
  PRIMARY KEY (mailbox, number)
) STRICT, WITHOUT ROWID;

CREATE TABLE sender_override (
  mailbox INTEGER NOT NULL,
  number INTEGER NOT NULL,             -- the change that made it
  fold TEXT NOT NULL,                  -- the address of the sender, case-folded
  data BLOB NOT NULL,                  -- mail.rule.SenderOverride as MessagePack
  PRIMARY KEY (mailbox, number)
) STRICT, WITHOUT ROWID;

CREATE UNIQUE INDEX sender_override_fold ON sender_override (mailbox, fold);
