-- Each timed act leaves one row in the transaction that did it: none twice by constraint, and the proof that none is
-- missing has something to compare with. A promise that ended late, or after its warning was due, while the worker was
-- away still owes its acts; the written reminder of the day after is due by a column of its own.

CREATE TABLE act_done (
    subject_id uuid NOT NULL,
    act text NOT NULL,
    due_at timestamptz NOT NULL,
    case_id uuid NOT NULL REFERENCES cases ON DELETE RESTRICT,
    done_at timestamptz NOT NULL,
    PRIMARY KEY (subject_id, act, due_at),
    CHECK (done_at >= due_at)
);

CREATE INDEX act_done_due ON act_done (due_at, subject_id);
CREATE INDEX act_done_late ON act_done (done_at) WHERE done_at - due_at > interval '60 seconds';

CREATE FUNCTION keep_act_done() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'an act that was done stays on record' USING ERRCODE = 'restrict_violation';
END $$;

CREATE TRIGGER act_done_is_kept BEFORE UPDATE OR DELETE ON act_done FOR EACH ROW EXECUTE FUNCTION keep_act_done();

ALTER TABLE clock
    ADD COLUMN is_owed boolean NOT NULL DEFAULT false,
    ADD COLUMN remind_at timestamptz,
    ADD COLUMN reminded_at timestamptz,
    DROP COLUMN next_act_at;

ALTER TABLE clock
    ADD COLUMN next_act_at timestamptz GENERATED ALWAYS AS (CASE
        WHEN breached_at IS NOT NULL OR paused_at IS NOT NULL THEN NULL
        WHEN stopped_at IS NULL THEN CASE WHEN warned_at IS NULL THEN warn_at ELSE due_at END
        WHEN NOT is_owed THEN NULL
        WHEN warned_at IS NULL THEN warn_at
        WHEN outcome = 'late' THEN due_at END) STORED;

CREATE INDEX clock_next_act ON clock (next_act_at) WHERE next_act_at IS NOT NULL;
CREATE INDEX clock_remind ON clock (remind_at)
    WHERE remind_at IS NOT NULL AND reminded_at IS NULL AND stopped_at IS NULL;
CREATE INDEX clock_due ON clock USING brin (due_at, warn_at, remind_at);

-- Acts before this were not noted: where there were clocks already the proof begins now, and not earlier.
INSERT INTO sweep_mark (name, at, acts, late_seconds) SELECT 'proof', now(), 0, 0 WHERE EXISTS (SELECT FROM clock);
