-- Which server, if any, is the only one that writes, so that it may answer from memory (store/postgres/lease.py). One
-- row; `round` tells one claim from the next, `ended` says when the last lease was taken away.

CREATE TABLE lease (
  one integer NOT NULL PRIMARY KEY DEFAULT 1 CHECK (one = 1),
  server integer NOT NULL DEFAULT 0,
  round bigint NOT NULL DEFAULT 0,
  is_sure boolean NOT NULL DEFAULT false,
  ended timestamptz NOT NULL DEFAULT 'epoch'
);

INSERT INTO lease DEFAULT VALUES;
