-- See schema/sqlite/0018_extended.sql.

CREATE TABLE extended (
  mailbox bigint NOT NULL,
  bearer integer NOT NULL,
  item bigint NOT NULL,
  recurrence_id text COLLATE "C" NOT NULL,
  form integer NOT NULL,
  name text COLLATE "C" NOT NULL,
  value_fold text COLLATE "C" NOT NULL,
  data text NOT NULL,
  PRIMARY KEY (mailbox, bearer, item, recurrence_id, form, name)
);

CREATE INDEX extended_value ON extended (mailbox, bearer, form, name, value_fold);
