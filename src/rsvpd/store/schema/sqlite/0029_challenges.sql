-- When who subscribed has to show again that it may, by the server's clock; 0 where it never has to.

ALTER TABLE subscription ADD COLUMN challenge_us INTEGER NOT NULL DEFAULT 0;
