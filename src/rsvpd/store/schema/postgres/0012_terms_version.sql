-- What the terms of an index were made of: one of another version is made anew (query/terms.py).

ALTER TABLE term_index ADD COLUMN version text COLLATE "C" NOT NULL DEFAULT '';
