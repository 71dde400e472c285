-- The nouns: Case, Request, Assignment, the ledger and what stands beside it (design.md 4, rules.md 1 and 5).
-- `case` is a reserved word, hence `cases`.

CREATE TABLE receipt_counter (
    day date PRIMARY KEY,
    last integer NOT NULL CHECK (last >= 0)
);

CREATE TABLE cases (
    id uuid PRIMARY KEY,
    number text NOT NULL UNIQUE,
    state text NOT NULL CHECK (state IN ('registered', 'declined', 'transferred', 'answered', 'accepted',
        'in_conference', 'active', 'callback', 'rework', 'closed', 'merged', 'archived')),
    kind text NOT NULL CHECK (kind IN ('enquiry', 'assistance', 'complaint', 'report', 'suggestion', 'praise')),
    urgency text NOT NULL CHECK (urgency IN ('normal', 'urgent', 'critical')),
    matter text,
    title text NOT NULL,
    summary text NOT NULL,
    county text NOT NULL,
    township text,
    place text NOT NULL,
    line text NOT NULL,
    channel text NOT NULL,
    is_confidential boolean NOT NULL,
    is_minor boolean NOT NULL,
    is_investigation boolean NOT NULL,
    is_vulnerable boolean NOT NULL,
    is_enterprise boolean NOT NULL,
    lead_unit text,
    unit_codes text[] NOT NULL,
    accepted_by uuid,
    opened_at timestamptz NOT NULL,
    accepted_at timestamptz,
    closed_at timestamptz,
    close_reason text,
    rework_count integer NOT NULL CHECK (rework_count >= 0),
    return_count integer NOT NULL CHECK (return_count >= 0),
    urge_count integer NOT NULL CHECK (urge_count >= 0),
    request_count integer NOT NULL CHECK (request_count >= 0),
    supervision smallint NOT NULL CHECK (supervision BETWEEN 0 AND 7),
    next_due timestamptz,
    next_stage text,
    next_warn timestamptz,
    due_key timestamptz GENERATED ALWAYS AS (coalesce(next_due, 'infinity'::timestamptz)) STORED,
    is_provisional boolean NOT NULL,
    is_open boolean NOT NULL,
    origin_system text,
    origin_no text,
    grams text NOT NULL,
    -- An array of our own bigrams: the text parser would cut Chinese its own way.
    search tsvector GENERATED ALWAYS AS (array_to_tsvector(array_remove(string_to_array(grams, ' '), ''))) STORED,
    last_seq integer NOT NULL CHECK (last_seq >= 1),
    last_hash bytea NOT NULL CHECK (octet_length(last_hash) = 32),
    CHECK ((closed_at IS NOT NULL) = (close_reason IS NOT NULL)),
    CHECK ((origin_system IS NULL) = (origin_no IS NULL))
);

CREATE UNIQUE INDEX cases_origin ON cases (origin_system, origin_no) WHERE origin_no IS NOT NULL;
CREATE INDEX cases_open_due ON cases (due_key, id) WHERE is_open;
CREATE INDEX cases_open_new ON cases (opened_at, id) WHERE is_open;
CREATE INDEX cases_open_state ON cases (state, due_key, id) WHERE is_open;
CREATE INDEX cases_open_county ON cases (county, due_key, id) WHERE is_open;
CREATE INDEX cases_open_county_new ON cases (county, opened_at, id) WHERE is_open;
CREATE INDEX cases_open_units ON cases USING gin (unit_codes) WHERE is_open;
-- Search in two halves: the planner puts no two indexes of one condition together and would take a whole one instead.
CREATE INDEX cases_open_search ON cases USING gin (search) WITH (gin_pending_list_limit = 256) WHERE is_open;
CREATE INDEX cases_new ON cases (opened_at, id);
CREATE INDEX cases_county_new ON cases (county, opened_at, id);
CREATE INDEX cases_lead_new ON cases (lead_unit, opened_at, id);
CREATE INDEX cases_ended_search ON cases USING gin (search) WHERE NOT is_open;

CREATE TABLE request (
    id uuid PRIMARY KEY,
    case_id uuid NOT NULL REFERENCES cases ON DELETE RESTRICT,
    receipt_no text NOT NULL UNIQUE,
    code_hash bytea NOT NULL,
    state text NOT NULL CHECK (state IN ('open', 'awaiting_visit', 'visited', 'exempt', 'withdrawn', 'erased')),
    kind text NOT NULL CHECK (kind IN ('enquiry', 'assistance', 'complaint', 'report', 'suggestion', 'praise')),
    channel text NOT NULL,
    line text NOT NULL,
    reply_by text NOT NULL CHECK (reply_by IN ('none', 'phone', 'sms', 'wechat', 'web', 'email', 'mail')),
    requester_kind text NOT NULL CHECK (requester_kind IN ('person', 'enterprise', 'anonymous')),
    words text,
    name bytea,
    phone bytea,
    phone_index bytea,
    address bytea,
    organisation_code text,
    proxy_name bytea,
    about_unit text,
    about_person bytea,
    is_anonymous boolean NOT NULL,
    filed_at timestamptz NOT NULL,
    filed_by uuid,
    visited_at timestamptz,
    visit_tries integer NOT NULL CHECK (visit_tries >= 0),
    is_solved boolean,
    first_grade text CHECK (first_grade IN ('satisfied', 'basically_satisfied', 'neutral', 'dissatisfied')),
    final_grade text CHECK (final_grade IN ('satisfied', 'basically_satisfied', 'neutral', 'dissatisfied')),
    rated_at timestamptz,
    urged_at timestamptz,
    origin_no text,
    CHECK (phone IS NOT NULL OR phone_index IS NULL)
);

CREATE INDEX request_case ON request (case_id);
CREATE INDEX request_phone ON request (phone_index, filed_at) WHERE phone_index IS NOT NULL;
CREATE INDEX request_filed_by ON request (filed_by, filed_at) WHERE filed_by IS NOT NULL;
CREATE INDEX request_awaiting ON request (filed_at) WHERE state = 'awaiting_visit';

CREATE TABLE assignment (
    id uuid PRIMARY KEY,
    case_id uuid NOT NULL REFERENCES cases ON DELETE RESTRICT,
    unit text NOT NULL,
    role text NOT NULL CHECK (role IN ('lead', 'co')),
    state text NOT NULL CHECK (state IN ('dispatched', 'return_requested', 'signed', 'in_progress', 'handled',
        'recalled', 'ended')),
    round integer NOT NULL CHECK (round >= 1),
    basis text NOT NULL,
    profile text NOT NULL,
    dispatched_at timestamptz NOT NULL,
    dispatched_by uuid NOT NULL,
    signed_at timestamptz,
    signed_by uuid,
    contacted_at timestamptz,
    handled_at timestamptz,
    handled_by uuid,
    hands uuid[] NOT NULL,
    ended_at timestamptz,
    result text,
    is_substantiated boolean,
    is_beyond_remit boolean,
    has_contacted boolean,
    is_solved boolean,
    supervision smallint NOT NULL CHECK (supervision BETWEEN 0 AND 7)
);

CREATE INDEX assignment_case ON assignment (case_id);
CREATE INDEX assignment_open ON assignment (unit, state) WHERE state NOT IN ('recalled', 'ended');
CREATE INDEX assignment_asked ON assignment (case_id) WHERE state = 'return_requested';
CREATE INDEX assignment_to_audit ON assignment (case_id) WHERE role = 'lead' AND state = 'handled';
CREATE INDEX assignment_done ON assignment (unit, handled_at) WHERE handled_at IS NOT NULL;
CREATE UNIQUE INDEX assignment_one_lead ON assignment (case_id)
    WHERE role = 'lead' AND state NOT IN ('recalled', 'ended');

CREATE TABLE case_event (
    case_id uuid NOT NULL REFERENCES cases ON DELETE RESTRICT,
    seq integer NOT NULL CHECK (seq >= 1),
    kind text NOT NULL,
    version smallint NOT NULL,
    at timestamptz NOT NULL,
    actor uuid NOT NULL,
    actor_kind text NOT NULL CHECK (actor_kind IN ('staff', 'citizen', 'system')),
    unit text NOT NULL,
    data text NOT NULL CHECK (data LIKE '{%}'),
    prev bytea NOT NULL CHECK (octet_length(prev) IN (0, 32)),
    hash bytea NOT NULL CHECK (octet_length(hash) = 32),
    log text NOT NULL CHECK (log IN ('p', 'i')),
    position bigint,
    PRIMARY KEY (case_id, seq)
);

CREATE TABLE case_text (
    case_id uuid NOT NULL,
    seq integer NOT NULL,
    field text NOT NULL,
    audience text NOT NULL CHECK (audience IN ('requester', 'staff', 'centre')),
    salt bytea,
    value text,
    sealed bytea,
    request_id uuid,
    erased_at timestamptz,
    erased_rule text,
    PRIMARY KEY (case_id, seq, field),
    FOREIGN KEY (case_id, seq) REFERENCES case_event ON DELETE RESTRICT,
    CHECK (num_nonnulls(value, sealed) = CASE WHEN erased_at IS NULL THEN 1 ELSE 0 END),
    CHECK ((salt IS NULL) = (erased_at IS NOT NULL)),
    CHECK ((erased_at IS NULL) = (erased_rule IS NULL))
);

CREATE TABLE visit (
    id uuid PRIMARY KEY,
    case_id uuid NOT NULL REFERENCES cases ON DELETE RESTRICT,
    request_id uuid NOT NULL REFERENCES request ON DELETE RESTRICT,
    at timestamptz NOT NULL,
    visitor uuid NOT NULL,
    channel text NOT NULL,
    outcome text NOT NULL CHECK (outcome IN ('reached', 'unreached', 'refused')),
    was_contacted boolean,
    is_solved boolean,
    is_truthful boolean,
    grade text CHECK (grade IN ('satisfied', 'basically_satisfied', 'neutral', 'dissatisfied')),
    next_at timestamptz
);

CREATE INDEX visit_request ON visit (request_id);
CREATE INDEX visit_case ON visit (case_id);

CREATE TABLE rating (
    id uuid PRIMARY KEY,
    case_id uuid NOT NULL REFERENCES cases ON DELETE RESTRICT,
    request_id uuid NOT NULL UNIQUE REFERENCES request ON DELETE RESTRICT,
    unit text NOT NULL,
    grade text NOT NULL CHECK (grade IN ('satisfied', 'basically_satisfied', 'neutral', 'dissatisfied')),
    raw_grade text NOT NULL,
    scale text NOT NULL,
    channel text NOT NULL,
    at timestamptz NOT NULL
);

CREATE INDEX rating_unit ON rating (unit, at);

CREATE TABLE supervision_record (
    id uuid PRIMARY KEY,
    cause text NOT NULL CHECK (cause IN ('rating', 'yellow', 'red', 'order', 'return_groundless')),
    cause_id uuid NOT NULL,
    case_id uuid NOT NULL REFERENCES cases ON DELETE RESTRICT,
    unit text NOT NULL,
    at timestamptz NOT NULL,
    grade text CHECK (grade IN ('satisfied', 'basically_satisfied', 'neutral', 'dissatisfied')),
    points integer NOT NULL,
    note text NOT NULL,
    UNIQUE (cause, cause_id)
);

CREATE INDEX supervision_record_unit ON supervision_record (unit, at);
CREATE INDEX supervision_record_at ON supervision_record (at);
CREATE INDEX supervision_record_case ON supervision_record (case_id);
