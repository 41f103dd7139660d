-- What is known of rooms, and lists of them.

CREATE TABLE place (
  number INTEGER NOT NULL PRIMARY KEY, -- the room's mailbox
  data BLOB NOT NULL                   -- calendar.place.Place
) STRICT;

CREATE TABLE room_list (
  number INTEGER NOT NULL PRIMARY KEY,
  oid TEXT NOT NULL,
  fold TEXT NOT NULL,
  address TEXT NOT NULL,
  name TEXT NOT NULL,
  data BLOB NOT NULL
) STRICT;

CREATE UNIQUE INDEX room_list_fold ON room_list (fold);
CREATE UNIQUE INDEX room_list_oid ON room_list (oid);

CREATE TABLE listed_room (
  list INTEGER NOT NULL,
  room INTEGER NOT NULL,
  PRIMARY KEY (list, room)
) STRICT, WITHOUT ROWID;

CREATE INDEX listed_room_room ON listed_room (room);
