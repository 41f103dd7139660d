-- See schema/sqlite/0029_challenges.sql.

ALTER TABLE subscription ADD COLUMN challenge_us bigint NOT NULL DEFAULT 0;
