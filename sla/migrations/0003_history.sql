-- A promise can stand still and be extended: the row keeps what happened, in order, so that its date explains itself
-- and can be reckoned anew. While it stands nothing is due.

ALTER TABLE clock
    ADD COLUMN paused_at timestamptz,
    ADD COLUMN paused_for text,
    ADD COLUMN history jsonb NOT NULL DEFAULT '[]' CHECK (jsonb_typeof(history) = 'array'),
    ADD CONSTRAINT clock_pause CHECK ((paused_at IS NULL) = (paused_for IS NULL)),
    DROP COLUMN next_act_at;

ALTER TABLE clock
    ADD COLUMN next_act_at timestamptz GENERATED ALWAYS AS (CASE
        WHEN stopped_at IS NOT NULL OR breached_at IS NOT NULL OR paused_at IS NOT NULL THEN NULL
        WHEN warned_at IS NULL THEN warn_at ELSE due_at END) STORED;

CREATE INDEX clock_next_act ON clock (next_act_at) WHERE next_act_at IS NOT NULL;
CREATE INDEX clock_paused ON clock (paused_at) WHERE paused_at IS NOT NULL;
