-- Lists begin anywhere and cost what they show: masters by where they stand, windows by where things begin.
-- What lasts longer than two days (series above all) has an index of its own, so that nothing short is
-- looked at that was over before a window. The number is store/events.SHORT.

DROP INDEX event_end;
CREATE INDEX event_begins ON event (mailbox, begins_us);
CREATE INDEX event_short ON event (mailbox, start_us) WHERE end_us - start_us <= 172800000000;
CREATE INDEX event_long ON event (mailbox, start_us, end_us) WHERE end_us - start_us > 172800000000;

-- is_series is 1 for a series, 2 for a guest's copy of single occurrences of one: neither is one event alone.
UPDATE event SET is_series = 2 WHERE is_series = 0 AND holds_dates_only(data);
