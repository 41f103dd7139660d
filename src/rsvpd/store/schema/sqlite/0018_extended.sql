-- What programs hang on items for themselves: extended properties and open extensions (mail/extended.py).

CREATE TABLE extended (
  mailbox INTEGER NOT NULL,
  bearer INTEGER NOT NULL,             -- mail.extended.Bearer: what it hangs on
  item INTEGER NOT NULL,
  recurrence_id TEXT NOT NULL,         -- of one date of a series; '' where it hangs on the whole
  form INTEGER NOT NULL,               -- mail.extended.Form
  name TEXT NOT NULL,                  -- the id of a property; the name of an extension, case-folded
  value_fold TEXT NOT NULL,            -- how a single value begins, case-folded
  data TEXT NOT NULL,                  -- JSON
  PRIMARY KEY (mailbox, bearer, item, recurrence_id, form, name)
) STRICT, WITHOUT ROWID;

CREATE INDEX extended_value ON extended (mailbox, bearer, form, name, value_fold);
