-- A case can stand still: while its requester is asked once for what is missing, or on the plan (挂账) until its review.

ALTER TABLE cases
    ADD COLUMN paused text CHECK (paused IN ('needs_info', 'suspended')),
    ADD COLUMN paused_at timestamptz,
    ADD COLUMN paused_until timestamptz,
    ADD COLUMN paused_share uuid REFERENCES assignment ON DELETE RESTRICT DEFERRABLE INITIALLY DEFERRED,
    ADD COLUMN review_at timestamptz,
    ADD COLUMN info_asked_at timestamptz,
    ADD COLUMN suspensions smallint NOT NULL DEFAULT 0,
    ADD CONSTRAINT cases_pause CHECK (
        (paused IS NULL) = (paused_at IS NULL) AND (paused IS NULL) = (paused_until IS NULL)
        AND coalesce(paused = 'suspended', FALSE) = (review_at IS NOT NULL)
    );

CREATE INDEX cases_paused ON cases (paused_until, id) WHERE paused IS NOT NULL;

ALTER TABLE request ADD COLUMN info_asked_at timestamptz, ADD COLUMN info_until timestamptz;

ALTER TABLE assignment
    ADD COLUMN suspension_asked_at timestamptz,
    ADD COLUMN suspension_review timestamptz,
    ADD CONSTRAINT assignment_suspension CHECK ((suspension_asked_at IS NULL) = (suspension_review IS NULL));

CREATE INDEX assignment_suspension_asked ON assignment (suspension_asked_at) WHERE suspension_asked_at IS NOT NULL;
CREATE INDEX request_unsolved ON request (case_id) WHERE is_solved IS FALSE;
