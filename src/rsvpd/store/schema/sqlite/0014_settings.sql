-- What the owner of a mailbox sets: working hours, automatic replies, how dates and times are written. Mail is answered
-- from `replies_from_us` on until `replies_until_us`, NULL where it is not; so whoever delivers finds that by the key.

CREATE TABLE mailbox_settings (
  mailbox INTEGER NOT NULL PRIMARY KEY,
  replies_from_us INTEGER,
  replies_until_us INTEGER,
  settings TEXT NOT NULL               -- mail.settings.Settings as JSON
) STRICT;

-- Who was answered automatically since the replies were turned on: once is enough (RFC 5230 4.2).
CREATE TABLE answered_sender (
  mailbox INTEGER NOT NULL,
  fold TEXT NOT NULL,                  -- the sender's address, case-folded
  answered_us INTEGER NOT NULL,
  PRIMARY KEY (mailbox, fold)
) STRICT, WITHOUT ROWID;
