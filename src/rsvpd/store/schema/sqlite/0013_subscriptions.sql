-- Who wants to hear of what happens in a mailbox, and how far each was told: a cursor over its changes.
-- `reached` is the number of the change up to which all was told, `sending` that up to which the message under way
-- goes, which is the same again until it arrives. `lease` names who is sending until `leased_us`.

CREATE TABLE subscription (
  mailbox INTEGER NOT NULL,
  id TEXT NOT NULL,            -- as its dialect names it
  dialect TEXT NOT NULL,
  holder TEXT NOT NULL,        -- the application and who signed in there: theirs to see, to renew and to end
  origin TEXT NOT NULL,        -- scheme, host and port of the receiver
  expires_us INTEGER NOT NULL,
  reached INTEGER NOT NULL,
  sending INTEGER NOT NULL,
  due_us INTEGER NOT NULL,     -- not to be tried before
  lease TEXT NOT NULL,
  leased_us INTEGER NOT NULL,
  beside INTEGER NOT NULL,     -- what is to be told beside changes: mail.subscription.Beside
  sent INTEGER NOT NULL,       -- messages that arrived
  failures INTEGER NOT NULL,   -- tries of this message that came to nothing
  failing_us INTEGER NOT NULL, -- the first of them
  tried_us INTEGER NOT NULL,   -- the last try of all, and what was answered
  answered TEXT NOT NULL,
  data BLOB NOT NULL,
  PRIMARY KEY (mailbox, id)
) STRICT, WITHOUT ROWID;

CREATE INDEX subscription_id ON subscription (id);
CREATE INDEX subscription_holder ON subscription (holder);
