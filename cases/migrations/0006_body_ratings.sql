-- Rating a body without a case (rules.md 8): its own small workflow, counted apart from the ratings of cases. And what the
-- holder of an account has read of their requests.

CREATE TABLE body_rating (
    id uuid PRIMARY KEY,
    account_id uuid NOT NULL REFERENCES account ON DELETE RESTRICT,
    rater_kind text NOT NULL CHECK (rater_kind IN ('person', 'enterprise')),
    unit text NOT NULL,
    portal text,
    about bytea,
    grade text NOT NULL CHECK (grade IN ('satisfied', 'basically_satisfied', 'neutral', 'dissatisfied')),
    words text NOT NULL DEFAULT '' CHECK (length(words) <= 1000),
    day date NOT NULL,
    at timestamptz NOT NULL,
    state text NOT NULL CHECK (state IN ('received', 'shown', 'replied')),
    shown_at timestamptz,
    reply text NOT NULL DEFAULT '' CHECK (length(reply) <= 2000),
    replied_at timestamptz,
    replied_by uuid REFERENCES person ON DELETE RESTRICT,
    CHECK ((state = 'received') = (shown_at IS NULL)),
    CHECK ((state = 'replied') = (num_nonnulls(replied_at, replied_by) = 2)),
    CHECK (state <> 'replied' OR (grade = 'dissatisfied' AND reply <> ''))
);

COMMENT ON COLUMN body_rating.about IS 'A member of staff or a window, as the rater wrote it; sealed';

CREATE UNIQUE INDEX body_rating_once ON body_rating (account_id, unit, day);
CREATE INDEX body_rating_unit ON body_rating (unit, at, id);
CREATE INDEX body_rating_at ON body_rating (at, id);
CREATE INDEX body_rating_account ON body_rating (account_id, at);
CREATE INDEX body_rating_waiting ON body_rating (unit, at) WHERE grade = 'dissatisfied' AND state <> 'replied';

CREATE TABLE request_reading (
    request_id uuid PRIMARY KEY REFERENCES request ON DELETE RESTRICT,
    read_at timestamptz NOT NULL
);

CREATE INDEX cases_open_enterprise ON cases (due_key, id) WHERE is_open AND is_enterprise;
