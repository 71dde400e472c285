-- A unit's own answers on its share: handed down the tree, an objection, an ask of the lead, a result that waits for the
-- unit's head, and a return that was right (which speaks against whoever dispatched: dispatched_by and basis tell).

ALTER TABLE assignment
    ADD COLUMN parent_assignment uuid REFERENCES assignment ON DELETE RESTRICT,
    ADD COLUMN return_ground text,
    ADD COLUMN return_refusals smallint NOT NULL DEFAULT 0 CHECK (return_refusals >= 0),
    ADD COLUMN returned_at timestamptz,
    ADD COLUMN objected_at timestamptz,
    ADD COLUMN objection text CHECK (objection IN ('open', 'upheld', 'dismissed', 'withdrawn')),
    ADD COLUMN co_ask text CHECK (co_ask IN ('add', 'release')),
    ADD COLUMN co_ask_unit text,
    ADD COLUMN head_asked_at timestamptz,
    ADD COLUMN head_asked_by uuid,
    DROP CONSTRAINT assignment_role_check,
    ADD CONSTRAINT assignment_role CHECK (role IN ('lead', 'co', 'below')),
    ADD CONSTRAINT assignment_below CHECK ((role = 'below') = (parent_assignment IS NOT NULL)),
    ADD CONSTRAINT assignment_objection CHECK ((objected_at IS NULL) = (objection IS NULL)),
    ADD CONSTRAINT assignment_co_ask CHECK ((co_ask IS NULL) = (co_ask_unit IS NULL)),
    ADD CONSTRAINT assignment_head CHECK ((head_asked_at IS NULL) = (head_asked_by IS NULL));

CREATE INDEX assignment_below ON assignment (parent_assignment) WHERE parent_assignment IS NOT NULL;
CREATE INDEX assignment_objection ON assignment (case_id) WHERE objection = 'open' OR co_ask IS NOT NULL;
CREATE INDEX assignment_head ON assignment (unit, head_asked_at) WHERE head_asked_at IS NOT NULL;
CREATE INDEX assignment_returned ON assignment (returned_at) WHERE returned_at IS NOT NULL;
