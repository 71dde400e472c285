-- A conference's decision binds: the share it names cannot be returned, also where the unit had it before.
ALTER TABLE assignment ADD COLUMN is_binding boolean NOT NULL DEFAULT false;
UPDATE assignment SET is_binding = true WHERE basis = 'conference';

CREATE INDEX cases_in_conference ON cases (opened_at, id) WHERE state = 'in_conference';

-- One joint site visit of a case: one open slot, who was asked, who comes, who was there (seed 002-16).
CREATE TABLE site_visit (
    id uuid PRIMARY KEY,
    case_id uuid NOT NULL REFERENCES cases ON DELETE RESTRICT,
    state text NOT NULL CHECK (state IN ('planned', 'held', 'cancelled')),
    unit text NOT NULL,
    starts_at timestamptz NOT NULL,
    ends_at timestamptz NOT NULL,
    units text[] NOT NULL CHECK (cardinality(units) >= 1),
    coming text[] NOT NULL,
    declined text[] NOT NULL,
    attended text[] NOT NULL,
    tells_requester boolean NOT NULL,
    spot_seq integer NOT NULL,
    outcome_seq integer,
    moves integer NOT NULL CHECK (moves >= 0),
    planned_at timestamptz NOT NULL,
    planned_by uuid NOT NULL,
    ended_at timestamptz,
    CHECK (ends_at > starts_at),
    CHECK ((state = 'planned') = (ended_at IS NULL)),
    CHECK ((state = 'held') = (outcome_seq IS NOT NULL))
);

CREATE INDEX site_visit_case ON site_visit (case_id);
CREATE UNIQUE INDEX site_visit_open ON site_visit (case_id) WHERE state = 'planned';
CREATE INDEX site_visit_calendar ON site_visit USING gin (units) WHERE state = 'planned';
