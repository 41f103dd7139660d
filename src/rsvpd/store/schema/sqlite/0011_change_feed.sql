-- A change says where its item is and where it was, and which time it touches, so that whoever hears of changes is
-- served from them alone. Of changes from before all that is NULL: whoever asks since then begins anew.

ALTER TABLE change ADD COLUMN place INTEGER;        -- of a message its folder, of an event calendar.event.State
ALTER TABLE change ADD COLUMN place_before INTEGER; -- NULL where it was there before, or nowhere
ALTER TABLE change ADD COLUMN moves_before INTEGER; -- of a message: what its id was made of
ALTER TABLE change ADD COLUMN from_us INTEGER;      -- of an event: the first start, now or before
ALTER TABLE change ADD COLUMN until_us INTEGER;     -- the last end, now or before; 2^62 where there is none
