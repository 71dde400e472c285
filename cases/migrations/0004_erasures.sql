-- The journal of erasures (hotline/erasures.py) looks for these among millions of other events.
CREATE INDEX case_event_erased ON case_event (at, case_id, seq) WHERE kind = 'erased';
