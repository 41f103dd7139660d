-- What the directory knows of people beside what everybody has, and who comes and goes.

CREATE TABLE profile (
  number INTEGER NOT NULL PRIMARY KEY,
  manager INTEGER,                     -- the number of a person, who may be gone
  data BLOB NOT NULL                   -- mail.profile.Profile
) STRICT;

CREATE INDEX profile_manager ON profile (manager) WHERE manager IS NOT NULL;

-- As it was sent; its size is in pixels.
CREATE TABLE photo (
  number INTEGER NOT NULL PRIMARY KEY,
  width INTEGER NOT NULL,
  height INTEGER NOT NULL,
  media_type TEXT NOT NULL,
  content BLOB NOT NULL
) STRICT;

-- The ids of people who were removed, for who keeps in step with the directory.
CREATE TABLE former_person (
  number INTEGER NOT NULL PRIMARY KEY,
  oid TEXT NOT NULL
) STRICT;
