-- Return visits whole: why a request is not visited, the window of a rating by message, the hour somebody wished for,
-- why somebody is dissatisfied; claims of rows, the policy of sampling with its versions, ratings to be put right.

ALTER TABLE request
    ADD COLUMN exempt_by text CHECK (exempt_by IN ('no_contact', 'tries', 'refused', 'sample')),
    ADD COLUMN asked_until timestamptz,
    ADD COLUMN visit_channel text,
    ADD COLUMN cause text,
    ADD COLUMN wish text NOT NULL DEFAULT '' CHECK (wish IN ('', 'morning', 'afternoon', 'evening'));

UPDATE request SET exempt_by = 'tries' WHERE state = 'exempt' AND visit_tries > 0;
UPDATE request r SET exempt_by = 'no_contact' WHERE state = 'exempt' AND visit_tries = 0
    AND EXISTS (SELECT FROM case_event e WHERE e.case_id = r.case_id AND e.kind = 'approved');
UPDATE request r SET visit_channel = v.channel FROM (
    SELECT DISTINCT ON (request_id) request_id, channel FROM visit WHERE outcome = 'reached'
    ORDER BY request_id, at DESC, id DESC) v
    WHERE v.request_id = r.id;

CREATE INDEX request_asked ON request (asked_until) WHERE asked_until IS NOT NULL;

ALTER TABLE visit
    ADD COLUMN cause text,
    DROP CONSTRAINT visit_outcome_check,
    ADD CONSTRAINT visit_outcome_check
        CHECK (outcome IN ('reached', 'unreached', 'refused', 'later', 'answered'));

CREATE INDEX visit_at ON visit (at);

-- Who is about to ring whom: no act of a case's, so not in its ledger; it lapses by itself.
CREATE TABLE visit_claim (
    request_id uuid PRIMARY KEY REFERENCES request ON DELETE RESTRICT,
    person uuid NOT NULL,
    claimed_at timestamptz NOT NULL,
    until timestamptz NOT NULL CHECK (until > claimed_at)
);

-- Which share of the requests is visited. A version is never changed: the newest that has begun holds.
CREATE TABLE visit_policy (
    version integer PRIMARY KEY CHECK (version >= 1),
    at timestamptz NOT NULL,
    by uuid NOT NULL,
    seed text NOT NULL CHECK (seed <> ''),
    shares jsonb NOT NULL CHECK (jsonb_typeof(shares) = 'object'),
    note text NOT NULL CHECK (note <> '')
);

-- A rating "dissatisfied" of a closed case: looked into by the centre within its working days (domain.md 2.9).
CREATE TABLE rectification (
    id uuid PRIMARY KEY,
    case_id uuid NOT NULL REFERENCES cases ON DELETE RESTRICT,
    request_id uuid NOT NULL REFERENCES request ON DELETE RESTRICT,
    rating_id uuid NOT NULL REFERENCES rating ON DELETE RESTRICT,
    opened_at timestamptz NOT NULL,
    due_at timestamptz NOT NULL,
    state text NOT NULL CHECK (state IN ('open', 'proposed', 'reopened', 'answered', 'annulled')),
    cause text,
    tries integer NOT NULL DEFAULT 0 CHECK (tries >= 0),
    next_at timestamptz,
    ended_at timestamptz,
    ended_by uuid,
    CHECK ((ended_at IS NOT NULL) = (state IN ('reopened', 'answered', 'annulled'))),
    CHECK ((ended_at IS NULL) = (ended_by IS NULL))
);

CREATE INDEX rectification_open ON rectification (due_at) WHERE ended_at IS NULL;
CREATE UNIQUE INDEX rectification_one ON rectification (request_id) WHERE ended_at IS NULL;
CREATE INDEX rectification_case ON rectification (case_id);
