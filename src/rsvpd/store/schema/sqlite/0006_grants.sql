-- What people let applications do, and the secrets in which that travels. A secret is never stored, only its
-- SHA-256: whoever reads the file can pass none of them off as his own.

CREATE TABLE consent (
  mailbox INTEGER NOT NULL,            -- whose word it is
  client TEXT NOT NULL,
  scopes TEXT NOT NULL,                -- with spaces between them, sorted
  PRIMARY KEY (mailbox, client)
) STRICT, WITHOUT ROWID;

CREATE TABLE sign_in (                 -- one sign-in to an application; what came of it goes with it
  number INTEGER NOT NULL PRIMARY KEY,
  mailbox INTEGER NOT NULL,
  expires_us INTEGER NOT NULL,
  data BLOB NOT NULL                   -- store.grants.Grant as JSON
) STRICT;

CREATE INDEX sign_in_mailbox ON sign_in (mailbox);
CREATE INDEX sign_in_expires ON sign_in (expires_us);

CREATE TABLE grant_secret (            -- authorization codes and refresh tokens
  digest BLOB NOT NULL PRIMARY KEY,
  sign_in INTEGER NOT NULL,
  kind INTEGER NOT NULL,               -- store.grants.SecretKind
  is_used INTEGER NOT NULL,
  expires_us INTEGER NOT NULL,
  terms BLOB NOT NULL                  -- JSON: what has to be shown along with it
) STRICT, WITHOUT ROWID;

CREATE INDEX grant_secret_sign_in ON grant_secret (sign_in);
CREATE INDEX grant_secret_expires ON grant_secret (expires_us);

CREATE TABLE device_code (
  digest BLOB NOT NULL PRIMARY KEY,    -- of what the device holds
  user_digest BLOB NOT NULL UNIQUE,    -- of what the person types
  mailbox INTEGER NOT NULL,            -- who agreed; 0 for nobody yet, -1 where somebody refused
  asked_us INTEGER NOT NULL,           -- when the device asked last, 0 before it did
  expires_us INTEGER NOT NULL,
  data BLOB NOT NULL                   -- store.grants.DeviceRequest as JSON
) STRICT, WITHOUT ROWID;

CREATE INDEX device_code_expires ON device_code (expires_us);
