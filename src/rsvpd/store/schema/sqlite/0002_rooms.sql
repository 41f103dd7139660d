-- What a room does with an invitation. One without a row follows the defaults in scheduling/rooms.py.

CREATE TABLE room (
  mailbox INTEGER NOT NULL PRIMARY KEY,
  settings TEXT NOT NULL               -- scheduling.rooms.Settings as JSON
) STRICT;
