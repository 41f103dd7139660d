-- Lists begin anywhere and cost what they show: masters by where they stand, windows by where things begin.
-- What lasts longer than two days (series above all) has an index of its own, so that nothing short is
-- looked at that was over before a window. The number is store/events.SHORT.

DROP INDEX event_end;
CREATE INDEX event_begins ON event (mailbox, begins_us);
CREATE INDEX event_short ON event (mailbox, start_us) WHERE end_us - start_us <= 172800000000;
CREATE INDEX event_long ON event (mailbox, start_us, end_us) WHERE end_us - start_us > 172800000000;
