-- Whoever was linked with an outage and has no door for a message is called when it is over: when, and by whom.
ALTER TABLE outage_link ADD COLUMN called_at timestamptz, ADD COLUMN called_by uuid,
    ADD CHECK ((called_at IS NULL) = (called_by IS NULL));
