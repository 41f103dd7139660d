-- See schema/sqlite/0021_directory.sql.

CREATE TABLE profile (
  number bigint NOT NULL PRIMARY KEY,
  manager bigint,
  data bytea NOT NULL
);

CREATE INDEX profile_manager ON profile (manager) WHERE manager IS NOT NULL;

CREATE TABLE photo (
  number bigint NOT NULL PRIMARY KEY,
  width integer NOT NULL,
  height integer NOT NULL,
  media_type text NOT NULL,
  content bytea NOT NULL
);

CREATE TABLE former_person (
  number bigint NOT NULL PRIMARY KEY,
  oid text COLLATE "C" NOT NULL
);
