-- A unit or a partner asks the centre for data. Each of the three stages keeps a promise of its own, reckoned like a
-- case's; a refusal has its reason, a late stage its answer. Neither a request nor a stage is ever deleted.

CREATE TABLE data_request (
    id uuid PRIMARY KEY,
    number text NOT NULL UNIQUE,
    unit text NOT NULL,
    partner text NOT NULL DEFAULT '',
    asked_at timestamptz NOT NULL,
    asked_by uuid NOT NULL,
    purpose text NOT NULL CHECK (purpose <> ''),
    legal_basis text NOT NULL CHECK (legal_basis <> ''),
    fields text NOT NULL CHECK (fields <> ''),
    period_from date NOT NULL,
    period_to date NOT NULL,
    recipient text NOT NULL CHECK (recipient <> ''),
    retention text NOT NULL CHECK (retention <> ''),
    state text NOT NULL CHECK (state IN ('asked', 'accepted', 'approved', 'supplied', 'refused', 'withdrawn')),
    ended_at timestamptz,
    ended_by uuid,
    reason text,
    handed_over text,
    file_id uuid REFERENCES attachment ON DELETE SET NULL,
    expires_at timestamptz,
    downloads integer NOT NULL DEFAULT 0,
    CHECK (period_from <= period_to),
    CHECK ((ended_at IS NOT NULL) = (state IN ('supplied', 'refused', 'withdrawn'))),
    CHECK (state <> 'refused' OR coalesce(reason, '') <> ''),
    CHECK (state <> 'supplied' OR expires_at IS NOT NULL OR coalesce(handed_over, '') <> '')
);

CREATE INDEX data_request_unit ON data_request (unit, asked_at);
CREATE INDEX data_request_asked ON data_request (asked_at);
CREATE INDEX data_request_expires ON data_request (expires_at) WHERE file_id IS NOT NULL;

CREATE TABLE data_request_stage (
    id uuid PRIMARY KEY,
    request_id uuid NOT NULL REFERENCES data_request ON DELETE RESTRICT,
    stage text NOT NULL CHECK (stage IN ('request_accept', 'request_review', 'request_supply')),
    measure text NOT NULL CHECK (measure IN ('wd', 'h', 'clock')),
    amount numeric NOT NULL CHECK (amount > 0),
    started_at timestamptz NOT NULL,
    due_at timestamptz NOT NULL,
    warn_at timestamptz NOT NULL,
    is_provisional boolean NOT NULL,
    warned_at timestamptz,
    breached_at timestamptz,
    stopped_at timestamptz,
    outcome text CHECK (outcome IN ('met', 'late', 'void')),
    answer text,
    answered_at timestamptz,
    answered_by uuid,
    next_act_at timestamptz GENERATED ALWAYS AS (CASE
        WHEN stopped_at IS NOT NULL OR breached_at IS NOT NULL THEN NULL
        WHEN warned_at IS NULL THEN warn_at ELSE due_at END) STORED,
    UNIQUE (request_id, stage),
    CHECK (due_at >= started_at),
    CHECK ((stopped_at IS NULL) = (outcome IS NULL)),
    CHECK ((answered_at IS NULL) = (answer IS NULL))
);

CREATE INDEX data_request_stage_next ON data_request_stage (next_act_at) WHERE next_act_at IS NOT NULL;
CREATE INDEX data_request_stage_late ON data_request_stage (breached_at)
    WHERE breached_at IS NOT NULL AND answered_at IS NULL;
