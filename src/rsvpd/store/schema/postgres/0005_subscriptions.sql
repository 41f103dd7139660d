-- See schema/sqlite/0013_subscriptions.sql.

CREATE TABLE subscription (
  mailbox bigint NOT NULL,
  id text COLLATE "C" NOT NULL,
  dialect text NOT NULL,
  holder text COLLATE "C" NOT NULL,
  origin text NOT NULL,
  expires_us bigint NOT NULL,
  reached bigint NOT NULL,
  sending bigint NOT NULL,
  due_us bigint NOT NULL,
  lease text NOT NULL,
  leased_us bigint NOT NULL,
  beside integer NOT NULL,
  sent bigint NOT NULL,
  failures integer NOT NULL,
  failing_us bigint NOT NULL,
  tried_us bigint NOT NULL,
  answered text NOT NULL,
  data bytea NOT NULL,
  PRIMARY KEY (mailbox, id)
);

CREATE INDEX subscription_id ON subscription (id);
CREATE INDEX subscription_holder ON subscription (holder);
