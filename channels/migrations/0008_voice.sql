-- The telephone: who sits where and is free, calls with their times, what the provider told us of them, recordings,
-- call-back tasks with a clock, and transfers to emergency numbers. PostgreSQL is the truth of who is offered which call.

CREATE TABLE seat (
    person uuid PRIMARY KEY REFERENCES person ON DELETE RESTRICT,
    state text NOT NULL DEFAULT 'offline'
        CHECK (state IN ('offline', 'ready', 'ringing', 'talking', 'wrap_up', 'pause')),
    reason text NOT NULL DEFAULT '',
    since timestamptz NOT NULL,
    wrap_until timestamptz,
    call uuid,
    phone bytea,
    CHECK ((state = 'pause') = (reason <> '')),
    CHECK (state NOT IN ('ringing', 'talking') OR call IS NOT NULL)
);

COMMENT ON COLUMN seat.phone IS 'The desk telephone that is dialled, sealed';
COMMENT ON COLUMN seat.call IS 'The call that is offered, spoken or being wrapped up';

CREATE INDEX seat_ready ON seat (since) WHERE state = 'ready';

CREATE TABLE seat_log (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    person uuid NOT NULL REFERENCES person ON DELETE RESTRICT,
    at timestamptz NOT NULL,
    state text NOT NULL,
    reason text NOT NULL DEFAULT '',
    call uuid
);

CREATE INDEX seat_log_person ON seat_log (person, at);

CREATE TABLE call (
    id uuid PRIMARY KEY,
    provider_id text UNIQUE,
    leg text UNIQUE,
    direction text NOT NULL CHECK (direction IN ('in', 'out')),
    purpose text NOT NULL CHECK (purpose IN ('call', 'callback', 'contact', 'visit')),
    line text NOT NULL DEFAULT '',
    dialled text NOT NULL DEFAULT '',
    caller bytea,
    caller_index bytea,
    state text NOT NULL CHECK (state IN ('greeting', 'queued', 'offered', 'talking', 'ended')),
    outcome text CHECK (outcome IN ('answered', 'missed', 'abandoned', 'transferred', 'closed', 'refused')),
    code text NOT NULL DEFAULT '',
    room text NOT NULL DEFAULT '',
    agent uuid REFERENCES person ON DELETE RESTRICT,
    started_at timestamptz NOT NULL,
    queued_at timestamptz,
    offered_at timestamptz,
    answered_at timestamptz,
    ended_at timestamptz,
    wrapped_at timestamptz,
    settled text NOT NULL DEFAULT '',
    answer_s integer GENERATED ALWAYS AS (ceil(extract(epoch FROM answered_at - queued_at))::integer) STORED,
    talk_s integer GENERATED ALWAYS AS (ceil(extract(epoch FROM ended_at - answered_at))::integer) STORED,
    wrap_s integer GENERATED ALWAYS AS (ceil(extract(epoch FROM wrapped_at - ended_at))::integer) STORED,
    case_id uuid REFERENCES cases DEFERRABLE INITIALLY DEFERRED,
    request_id uuid REFERENCES request DEFERRABLE INITIALLY DEFERRED,
    task uuid,
    CHECK ((state = 'ended') = (ended_at IS NOT NULL)),
    CHECK ((state = 'ended') = (outcome IS NOT NULL)),
    CHECK (state <> 'offered' OR agent IS NOT NULL),
    CHECK ((caller IS NULL) = (caller_index IS NULL))
);

COMMENT ON COLUMN call.leg IS 'The provider''s id of the leg to the desk telephone';
COMMENT ON COLUMN call.caller IS 'The citizen''s number, sealed; gone when the case is erased or the call is too old';
COMMENT ON COLUMN call.code IS 'The provider''s word for how it ended: no-answer, busy, failed, completed';
COMMENT ON COLUMN call.settled IS 'How the wrap-up ended: case, answered, wrong_number, silent, nuisance, other';
COMMENT ON COLUMN call.answer_s IS 'Seconds from entering the queue until an agent picked up (GB/T 33358: 15)';

CREATE INDEX call_waiting ON call (queued_at) WHERE state = 'queued';
CREATE INDEX call_open ON call (state, started_at) WHERE state <> 'ended';
-- Nobody has two calls, whatever two processes do at once.
CREATE UNIQUE INDEX call_agent ON call (agent) WHERE state IN ('offered', 'talking');
CREATE INDEX call_figures ON call (queued_at, line) WHERE direction = 'in';
CREATE INDEX call_started ON call (started_at DESC, id);
CREATE INDEX call_of_agent ON call (agent, started_at) WHERE agent IS NOT NULL;
CREATE INDEX call_of_case ON call (case_id) WHERE case_id IS NOT NULL;
CREATE INDEX call_of_caller ON call (caller_index) WHERE caller_index IS NOT NULL;

-- What the provider told us, each thing once: it repeats itself, and what comes late must not undo what came before.
CREATE TABLE call_event (
    provider_id text NOT NULL,
    event text NOT NULL,
    at timestamptz NOT NULL,
    call uuid REFERENCES call ON DELETE RESTRICT,
    PRIMARY KEY (provider_id, event)
);

CREATE INDEX call_event_call ON call_event (call, at);

CREATE TABLE recording (
    id uuid PRIMARY KEY,
    call uuid NOT NULL REFERENCES call ON DELETE RESTRICT,
    provider_id text NOT NULL UNIQUE,
    state text NOT NULL DEFAULT 'wanted' CHECK (state IN ('wanted', 'kept', 'deleted_at_provider', 'forgotten')),
    seconds integer NOT NULL DEFAULT 0,
    size integer NOT NULL DEFAULT 0,
    made_at timestamptz NOT NULL,
    kept_until timestamptz NOT NULL,
    is_at_provider boolean NOT NULL DEFAULT true,
    tries smallint NOT NULL DEFAULT 0,
    next_at timestamptz NOT NULL,
    error text
);

COMMENT ON COLUMN recording.is_at_provider IS 'Still to be deleted there, also when it is forgotten here';

CREATE INDEX recording_due ON recording (next_at) WHERE is_at_provider;
CREATE INDEX recording_old ON recording (kept_until) WHERE state <> 'forgotten';
CREATE INDEX recording_call ON recording (call);

CREATE TABLE callback_task (
    id uuid PRIMARY KEY,
    call uuid NOT NULL REFERENCES call ON DELETE RESTRICT,
    line text NOT NULL,
    number bytea,
    number_index bytea NOT NULL,
    why text NOT NULL CHECK (why IN ('missed', 'abandoned', 'away')),
    calls integer NOT NULL DEFAULT 1,
    made_at timestamptz NOT NULL,
    due_at timestamptz NOT NULL,
    next_at timestamptz NOT NULL,
    state text NOT NULL DEFAULT 'open' CHECK (state IN ('open', 'claimed', 'done', 'given_up')),
    claimed_by uuid REFERENCES person ON DELETE RESTRICT,
    claimed_at timestamptz,
    tries smallint NOT NULL DEFAULT 0,
    outcome text NOT NULL DEFAULT '',
    ended_at timestamptz,
    first_at timestamptz,
    CHECK ((state = 'claimed') = (claimed_by IS NOT NULL)),
    CHECK ((state IN ('done', 'given_up')) = (ended_at IS NOT NULL))
);

COMMENT ON COLUMN callback_task.first_at IS 'When it was first called back: in time or not is measured here';

-- Whoever calls three times in vain is called back once.
CREATE UNIQUE INDEX callback_number ON callback_task (number_index) WHERE state IN ('open', 'claimed');
CREATE INDEX callback_due ON callback_task (due_at) WHERE state IN ('open', 'claimed');
CREATE INDEX callback_call ON callback_task (call);
CREATE INDEX callback_ended ON callback_task (ended_at) WHERE state IN ('done', 'given_up');

CREATE TABLE transfer_record (
    id uuid PRIMARY KEY,
    call uuid REFERENCES call ON DELETE RESTRICT,
    target text NOT NULL CHECK (target <> ''),
    kind text NOT NULL CHECK (kind IN ('one_way', 'three_way')),
    agent uuid NOT NULL REFERENCES person ON DELETE RESTRICT,
    at timestamptz NOT NULL,
    is_told boolean NOT NULL DEFAULT true,
    code text NOT NULL DEFAULT ''
);

COMMENT ON COLUMN transfer_record.code IS 'What the provider said of the call to the target: completed, busy, no-answer';

CREATE INDEX transfer_record_at ON transfer_record (at DESC);
CREATE INDEX transfer_record_call ON transfer_record (call) WHERE call IS NOT NULL;
