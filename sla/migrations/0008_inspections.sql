-- Inspection plans, samples that can be drawn again, re-checks blind to the first answers, mystery tests, findings.

CREATE TABLE inspection (
    id uuid PRIMARY KEY,
    number text NOT NULL UNIQUE,
    method text NOT NULL CHECK (method IN ('cases', 'mystery', 'site')),
    purpose text NOT NULL CHECK (purpose <> ''),
    starts date NOT NULL,
    ends date NOT NULL CHECK (ends >= starts),
    units text[] NOT NULL CHECK (cardinality(units) > 0),
    inspectors uuid[] NOT NULL CHECK (cardinality(inspectors) > 0),
    planned_at timestamptz NOT NULL,
    planned_by uuid NOT NULL,
    ended_at timestamptz,
    ended_by uuid,
    summary text NOT NULL DEFAULT '',
    CHECK ((ended_at IS NULL) = (ended_by IS NULL))
);
CREATE INDEX inspection_planned ON inspection (planned_at DESC);

-- Never changed, never deleted: an unwelcome draw stays on the list beside the next.
CREATE TABLE sample (
    id uuid PRIMARY KEY,
    number text NOT NULL UNIQUE,
    kind text NOT NULL CHECK (kind IN ('visits', 'cases')),
    inspection_id uuid REFERENCES inspection ON DELETE RESTRICT,
    criteria jsonb NOT NULL CHECK (jsonb_typeof(criteria) = 'object'),
    wanted text NOT NULL CHECK (wanted IN ('count', 'share')),
    amount numeric NOT NULL CHECK (amount > 0),
    strata text NOT NULL CHECK (strata IN ('none', 'caller', 'unit')),
    algorithm text NOT NULL,
    root text NOT NULL,
    root_no integer,
    nonce text NOT NULL,
    seed text NOT NULL CHECK (seed ~ '^[0-9a-f]{64}$'),
    frame_size integer NOT NULL CHECK (frame_size > 0),
    frame_hash text NOT NULL CHECK (frame_hash ~ '^[0-9a-f]{64}$'),
    drawn_size integer NOT NULL CHECK (drawn_size BETWEEN 1 AND frame_size),
    drawn_at timestamptz NOT NULL,
    drawn_by uuid NOT NULL
);
CREATE INDEX sample_drawn ON sample (drawn_at DESC);
CREATE INDEX sample_inspection ON sample (inspection_id) WHERE inspection_id IS NOT NULL;

CREATE TABLE sample_frame (
    sample_id uuid NOT NULL REFERENCES sample ON DELETE RESTRICT,
    position integer NOT NULL CHECK (position >= 1),
    item uuid NOT NULL,
    case_id uuid NOT NULL REFERENCES cases ON DELETE RESTRICT,
    stratum text NOT NULL,
    is_drawn boolean NOT NULL,
    PRIMARY KEY (sample_id, position)
);
CREATE INDEX sample_frame_drawn ON sample_frame (sample_id, position) WHERE is_drawn;
CREATE INDEX sample_frame_case ON sample_frame (case_id) WHERE is_drawn;

CREATE FUNCTION sample_is_final() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION 'a sample is never changed'; END $$;
CREATE TRIGGER sample_final BEFORE UPDATE OR DELETE ON sample FOR EACH ROW EXECUTE FUNCTION sample_is_final();
CREATE TRIGGER sample_frame_final BEFORE UPDATE OR DELETE ON sample_frame
    FOR EACH ROW EXECUTE FUNCTION sample_is_final();

CREATE TABLE recheck (
    id uuid PRIMARY KEY,
    sample_id uuid NOT NULL,
    position integer NOT NULL,
    case_id uuid NOT NULL REFERENCES cases ON DELETE RESTRICT,
    request_id uuid NOT NULL REFERENCES request ON DELETE RESTRICT,
    caller uuid,
    unit text NOT NULL,
    month date NOT NULL,
    checker uuid NOT NULL,
    tries integer NOT NULL CHECK (tries >= 1),
    at timestamptz NOT NULL,
    outcome text NOT NULL CHECK (outcome IN ('reached', 'heard', 'unreached')),
    first_contacted boolean, first_solved boolean, first_truthful boolean, first_grade text,
    was_contacted boolean, is_solved boolean, is_truthful boolean, grade text,
    note text NOT NULL DEFAULT '',
    UNIQUE (sample_id, position),
    FOREIGN KEY (sample_id, position) REFERENCES sample_frame ON DELETE RESTRICT,
    CHECK (outcome = 'unreached' OR num_nonnulls(was_contacted, is_solved, is_truthful) = 3)
);
CREATE INDEX recheck_month ON recheck (month, unit) WHERE outcome <> 'unreached';
CREATE INDEX recheck_case ON recheck (case_id);

CREATE TABLE mystery_test (
    id uuid PRIMARY KEY,
    inspection_id uuid NOT NULL REFERENCES inspection ON DELETE RESTRICT,
    no integer NOT NULL CHECK (no >= 1),
    unit text NOT NULL,
    way text NOT NULL,
    target text NOT NULL DEFAULT '',
    question text NOT NULL CHECK (question <> ''),
    expected text NOT NULL CHECK (expected <> ''),
    written_by uuid NOT NULL,
    done_at timestamptz,
    tester uuid,
    wait_seconds integer CHECK (wait_seconds >= 0),
    talk_seconds integer CHECK (talk_seconds >= 0),
    verdict text CHECK (verdict IN ('right', 'partly', 'wrong', 'no_answer')),
    answer text NOT NULL DEFAULT '',
    case_id uuid REFERENCES cases ON DELETE RESTRICT,
    UNIQUE (inspection_id, no),
    CHECK (num_nonnulls(done_at, tester, verdict) IN (0, 3))
);

CREATE TABLE finding (
    id uuid PRIMARY KEY,
    number text NOT NULL UNIQUE,
    source text NOT NULL CHECK (source IN ('visit', 'case', 'mystery', 'site')),
    recheck_id uuid REFERENCES recheck ON DELETE RESTRICT,
    inspection_id uuid REFERENCES inspection ON DELETE RESTRICT,
    test_id uuid REFERENCES mystery_test ON DELETE RESTRICT,
    case_id uuid REFERENCES cases ON DELETE RESTRICT,
    unit text NOT NULL DEFAULT '',
    person uuid,
    what text NOT NULL,
    words text NOT NULL,
    found_at timestamptz NOT NULL,
    found_by uuid NOT NULL,
    is_reopened boolean NOT NULL DEFAULT false,
    is_annulled boolean NOT NULL DEFAULT false,
    state text NOT NULL CHECK (state IN ('open', 'replied', 'closed', 'lifted')),
    due_at timestamptz,
    reply text,
    replied_at timestamptz,
    replied_by uuid,
    verified_at timestamptz,
    verified_by uuid,
    verify_note text,
    appeal text,
    appealed_at timestamptz,
    appealed_by uuid,
    appeal_upheld boolean,
    appeal_reason text,
    appeal_decided_at timestamptz,
    appeal_decided_by uuid,
    CHECK ((person IS NULL) <> (unit = '')),
    CHECK (appeal_decided_at IS NULL OR appealed_at IS NOT NULL)
);
CREATE INDEX finding_found ON finding (found_at DESC, id);
CREATE INDEX finding_open ON finding (due_at, id) WHERE state IN ('open', 'replied');
CREATE INDEX finding_unit ON finding (unit, found_at DESC) WHERE unit <> '';
CREATE INDEX finding_person ON finding (person, found_at DESC) WHERE person IS NOT NULL;
CREATE INDEX finding_recheck ON finding (recheck_id) WHERE recheck_id IS NOT NULL;
CREATE INDEX finding_inspection ON finding (inspection_id) WHERE inspection_id IS NOT NULL;
CREATE INDEX finding_case ON finding (case_id) WHERE case_id IS NOT NULL;
