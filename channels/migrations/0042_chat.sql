-- The live chat on the web: who waits, who answers, since when, what was said (sealed), how long an answer took.

CREATE TABLE chat (
    id uuid PRIMARY KEY,
    token bytea NOT NULL UNIQUE,
    once uuid NOT NULL UNIQUE,
    lang text NOT NULL CHECK (lang IN ('zh', 'en')),
    county text NOT NULL DEFAULT '',
    state text NOT NULL CHECK (state IN ('waiting', 'talking', 'ended')),
    outcome text CHECK (outcome IN ('answered', 'case', 'left', 'idle', 'abuse', 'message')),
    agent uuid REFERENCES person ON DELETE RESTRICT,
    is_urgent boolean NOT NULL DEFAULT false,
    started_at timestamptz NOT NULL,
    waiting_since timestamptz NOT NULL,
    taken_at timestamptz,
    answered_at timestamptz,
    citizen_at timestamptz NOT NULL,
    agent_at timestamptz,
    unanswered_since timestamptz,
    warned_at timestamptz,
    alerted_at timestamptz,
    ended_at timestamptz,
    barred_until timestamptz,
    reason bytea,
    last_seq integer NOT NULL DEFAULT 0,
    seen_seq integer NOT NULL DEFAULT 0,
    made_seq integer NOT NULL DEFAULT 0,
    is_owed boolean NOT NULL DEFAULT false,
    grade text NOT NULL DEFAULT '',
    rated_at timestamptz,
    wiped_at timestamptz,
    answer_s integer GENERATED ALWAYS AS (ceil(extract(epoch FROM answered_at - started_at))::integer) STORED,
    CHECK ((state = 'ended') = (ended_at IS NOT NULL)),
    CHECK ((state = 'ended') = (outcome IS NOT NULL)),
    CHECK (state <> 'talking' OR agent IS NOT NULL),
    CHECK (state <> 'waiting' OR agent IS NULL),
    CHECK ((grade = '') = (rated_at IS NULL)),
    CHECK (outcome IS DISTINCT FROM 'abuse' OR reason IS NOT NULL OR wiped_at IS NOT NULL)
);

COMMENT ON COLUMN chat.token IS 'SHA-256 of the token in the citizen''s cookie: the only way back to the chat';
COMMENT ON COLUMN chat.unanswered_since IS 'Since when words of the citizen stand without words of a person';
COMMENT ON COLUMN chat.answer_s IS 'Seconds from the first question to the first words of a person (GB/T 33358: 3 minutes)';
COMMENT ON COLUMN chat.made_seq IS 'What was said up to here is in a case';
COMMENT ON COLUMN chat.is_owed IS 'Over, and what was asked is still to be made into a case';
COMMENT ON COLUMN chat.reason IS 'Why it was ended for abuse, sealed';

CREATE INDEX chat_waiting ON chat (waiting_since) WHERE state = 'waiting';
CREATE INDEX chat_talking ON chat (agent) WHERE state = 'talking';
CREATE INDEX chat_started ON chat (started_at);
CREATE INDEX chat_of_agent ON chat (agent, started_at) WHERE agent IS NOT NULL;
CREATE INDEX chat_owed ON chat (ended_at) WHERE is_owed;
CREATE INDEX chat_old ON chat (ended_at) WHERE wiped_at IS NULL AND state = 'ended';

CREATE TABLE chat_line (
    chat uuid NOT NULL REFERENCES chat ON DELETE RESTRICT,
    seq integer NOT NULL CHECK (seq > 0),
    at timestamptz NOT NULL,
    by text NOT NULL CHECK (by IN ('citizen', 'agent', 'system')),
    kind text NOT NULL CHECK (kind IN (
        'words', 'queued', 'taken', 'handed', 'back', 'emergency', 'warned', 'receipt', 'answer', 'ended', 'erased')),
    author uuid REFERENCES person ON DELETE RESTRICT,
    once uuid,
    body bytea,
    PRIMARY KEY (chat, seq),
    CHECK ((by = 'agent') = (author IS NOT NULL))
);

COMMENT ON COLUMN chat_line.body IS 'The words, sealed; none once they were erased, and with notices that say nothing of anybody';

CREATE UNIQUE INDEX chat_line_once ON chat_line (chat, once) WHERE once IS NOT NULL;

-- What a chat became: a receipt each, and the case once it is made.
CREATE TABLE chat_case (
    chat uuid NOT NULL REFERENCES chat ON DELETE RESTRICT,
    receipt_no text NOT NULL CHECK (receipt_no <> ''),
    case_id uuid REFERENCES cases DEFERRABLE INITIALLY DEFERRED,
    PRIMARY KEY (chat, receipt_no)
);

CREATE INDEX chat_case_case ON chat_case (case_id) WHERE case_id IS NOT NULL;
CREATE INDEX chat_case_receipt ON chat_case (receipt_no);
