-- See schema/sqlite/0027_personas.sql.

CREATE TABLE persona (
  mailbox bigint PRIMARY KEY,
  data bytea NOT NULL
);

CREATE TABLE persona_due (
  mailbox bigint NOT NULL,
  uid text COLLATE "C" NOT NULL,
  organizer text COLLATE "C" NOT NULL,
  recurrence_id text COLLATE "C" NOT NULL,
  due_us bigint NOT NULL,
  PRIMARY KEY (mailbox, uid, organizer, recurrence_id)
);

CREATE INDEX persona_due_us ON persona_due (due_us);
