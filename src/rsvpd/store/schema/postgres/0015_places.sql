-- See schema/sqlite/0023_places.sql.

CREATE TABLE place (
  number bigint NOT NULL PRIMARY KEY,
  data bytea NOT NULL
);

CREATE TABLE room_list (
  number bigint NOT NULL PRIMARY KEY,
  oid text COLLATE "C" NOT NULL,
  fold text COLLATE "C" NOT NULL,
  address text NOT NULL,
  name text NOT NULL,
  data bytea NOT NULL
);

CREATE UNIQUE INDEX room_list_fold ON room_list (fold);
CREATE UNIQUE INDEX room_list_oid ON room_list (oid);

CREATE TABLE listed_room (
  list bigint NOT NULL,
  room bigint NOT NULL,
  PRIMARY KEY (list, room)
);

CREATE INDEX listed_room_room ON listed_room (room);
