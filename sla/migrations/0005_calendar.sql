-- A change of the calendar may be one county's; the recompute walks the cases with an open promise in the order of ids.

ALTER TABLE calendar_change
    ADD COLUMN jurisdiction text NOT NULL DEFAULT '',
    ADD COLUMN settled integer NOT NULL DEFAULT 0;

CREATE INDEX clock_open ON clock (case_id) WHERE stopped_at IS NULL AND breached_at IS NULL;
