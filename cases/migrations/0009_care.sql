-- What is not routed plainly: complaints about units, risk words, verifying before handling, enterprise levels.

ALTER TABLE cases
    ADD COLUMN about_units text[] NOT NULL DEFAULT '{}',
    ADD COLUMN risk text[] NOT NULL DEFAULT '{}' CHECK (risk <@ ARRAY['threat', 'self_harm', 'crowd', 'petition']),
    ADD COLUMN flagged_at timestamptz,
    ADD COLUMN risk_seen_at timestamptz,
    ADD COLUMN level text NOT NULL DEFAULT '' CHECK (level IN ('', 'township', 'district', 'city')),
    ADD COLUMN leader uuid REFERENCES person (id) ON DELETE RESTRICT,
    ADD CONSTRAINT risk_is_dated CHECK ((risk = '{}') = (flagged_at IS NULL)),
    ADD CONSTRAINT risk_seen_after CHECK (risk_seen_at IS NULL OR flagged_at IS NOT NULL);

UPDATE cases c SET about_units = r.units FROM (
    SELECT case_id, array_agg(DISTINCT about_unit ORDER BY about_unit) AS units
    FROM request WHERE about_unit IS NOT NULL GROUP BY case_id
) r WHERE r.case_id = c.id;

CREATE INDEX cases_flagged ON cases (flagged_at) WHERE flagged_at IS NOT NULL;
CREATE INDEX cases_leader ON cases (leader) WHERE leader IS NOT NULL;
CREATE INDEX cases_level ON cases (level, opened_at) WHERE level <> '' AND is_open;

ALTER TABLE assignment
    ADD COLUMN verified_at timestamptz,
    ADD COLUMN finding text CHECK (finding IN ('true', 'partly', 'false')),
    ADD CONSTRAINT finding_is_dated CHECK ((verified_at IS NULL) = (finding IS NULL));

-- A risk word heard during a call, before there is a case: the supervisor knows at once. Words of the list only.
CREATE TABLE risk_alarm (
    id uuid PRIMARY KEY,
    draft uuid NOT NULL UNIQUE,
    agent uuid NOT NULL REFERENCES person (id) ON DELETE RESTRICT,
    kinds text[] NOT NULL CHECK (kinds <> '{}' AND kinds <@ ARRAY['threat', 'self_harm', 'crowd', 'petition']),
    words text[] NOT NULL,
    raised_at timestamptz NOT NULL,
    case_id uuid REFERENCES cases ON DELETE RESTRICT,
    cleared_at timestamptz,
    cleared_by uuid REFERENCES person (id) ON DELETE RESTRICT,
    reason text CHECK (char_length(reason) BETWEEN 1 AND 500),
    CHECK ((cleared_at IS NULL) = (cleared_by IS NULL)),
    CHECK ((cleared_at IS NULL) = (reason IS NULL))
);

CREATE INDEX risk_alarm_open ON risk_alarm (raised_at) WHERE case_id IS NULL AND cleared_at IS NULL;
