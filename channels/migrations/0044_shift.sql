-- Running a shift: who asked for help and when it came, what one shift hands to the next, numbers that are refused for a
-- time, and surge mode. What people wrote is sealed: it names citizens and colleagues.

CREATE TABLE help_request (
    id uuid PRIMARY KEY,
    person uuid NOT NULL REFERENCES person ON DELETE RESTRICT,
    reason text NOT NULL CHECK (reason IN ('question', 'upset', 'danger', 'technical', 'other')),
    call uuid REFERENCES call ON DELETE RESTRICT,
    asked_at timestamptz NOT NULL,
    way text NOT NULL DEFAULT '' CHECK (way IN ('', 'over', 'joined', 'listening')),
    answered_by uuid REFERENCES person ON DELETE RESTRICT,
    answered_at timestamptz,
    leg text UNIQUE,
    is_on_line boolean NOT NULL DEFAULT false,
    ended_at timestamptz,
    ended_by uuid REFERENCES person ON DELETE RESTRICT,
    CHECK ((answered_by IS NULL) = (answered_at IS NULL)),
    CHECK ((way = '') = (answered_by IS NULL)),
    CHECK (answered_by IS DISTINCT FROM person)
);

COMMENT ON COLUMN help_request.way IS 'How the supervisor came: to the desk, into the talk, or listening to it';
COMMENT ON COLUMN help_request.is_on_line IS 'The supervisor''s telephone is in the room with caller and agent';

-- Who asks twice waits once.
CREATE UNIQUE INDEX help_open ON help_request (person) WHERE ended_at IS NULL;
CREATE INDEX help_asked ON help_request (asked_at);
CREATE INDEX help_call ON help_request (call) WHERE call IS NOT NULL;

CREATE TABLE shift_note (
    id uuid PRIMARY KEY,
    author uuid NOT NULL REFERENCES person ON DELETE RESTRICT,
    state text NOT NULL DEFAULT 'draft' CHECK (state IN ('draft', 'written', 'taken')),
    shift text NOT NULL CHECK (shift IN ('early', 'late', 'night')),
    day date NOT NULL,
    watch bytea,
    facts jsonb NOT NULL DEFAULT '{}',
    saved_at timestamptz NOT NULL,
    written_at timestamptz,
    taken_by uuid REFERENCES person ON DELETE RESTRICT,
    taken_at timestamptz,
    CHECK ((state = 'draft') = (written_at IS NULL)),
    CHECK ((state = 'taken') = (taken_at IS NOT NULL)),
    CHECK ((taken_at IS NULL) = (taken_by IS NULL)),
    CHECK (taken_by IS DISTINCT FROM author)
);

COMMENT ON COLUMN shift_note.watch IS 'What the next shift should look out for, sealed';
COMMENT ON COLUMN shift_note.facts IS 'The figures of the moment of writing: codes and counts';

CREATE UNIQUE INDEX shift_note_draft ON shift_note (author) WHERE state = 'draft';
CREATE INDEX shift_note_open ON shift_note (written_at) WHERE state = 'written';
CREATE INDEX shift_note_written ON shift_note (written_at DESC, id) WHERE written_at IS NOT NULL;

CREATE TABLE shift_item (
    id uuid PRIMARY KEY,
    note uuid NOT NULL REFERENCES shift_note ON DELETE RESTRICT,
    place integer NOT NULL,
    words bytea NOT NULL,
    since timestamptz NOT NULL,
    carried smallint NOT NULL DEFAULT 0,
    done_at timestamptz,
    done_by uuid REFERENCES person ON DELETE RESTRICT,
    carried_to uuid REFERENCES shift_item ON DELETE RESTRICT,
    CHECK ((done_at IS NULL) = (done_by IS NULL)),
    CHECK (done_at IS NULL OR carried_to IS NULL)
);

COMMENT ON COLUMN shift_item.since IS 'When it first stood in a note, however often it was carried on';

CREATE INDEX shift_item_note ON shift_item (note, place);
CREATE INDEX shift_item_open ON shift_item (since) WHERE done_at IS NULL AND carried_to IS NULL;

CREATE TABLE refused_number (
    id uuid PRIMARY KEY,
    number bytea,
    number_index bytea,
    state text NOT NULL DEFAULT 'proposed' CHECK (state IN ('proposed', 'refused', 'not_refused', 'ended', 'lifted')),
    ground text NOT NULL CHECK (ground IN ('repeated', 'abuse', 'silent', 'threat')),
    words bytea NOT NULL,
    is_persuaded boolean NOT NULL,
    extends uuid REFERENCES refused_number ON DELETE RESTRICT,
    proposed_by uuid NOT NULL REFERENCES person ON DELETE RESTRICT,
    proposed_at timestamptz NOT NULL,
    decided_by uuid REFERENCES person ON DELETE RESTRICT,
    decided_at timestamptz,
    decision bytea,
    is_police_told boolean NOT NULL DEFAULT false,
    until timestamptz,
    review_on date,
    review_told_at timestamptz,
    ended_at timestamptz,
    ended_by uuid REFERENCES person ON DELETE RESTRICT,
    end_words bytea,
    CHECK (decided_by IS DISTINCT FROM proposed_by),
    CHECK ((state = 'proposed') = (decided_at IS NULL)),
    CHECK ((decided_at IS NULL) = (decided_by IS NULL)),
    CHECK (state NOT IN ('refused', 'ended', 'lifted') OR (until IS NOT NULL AND review_on IS NOT NULL)),
    CHECK ((state IN ('ended', 'lifted')) = (ended_at IS NOT NULL)),
    CHECK ((number IS NULL) = (number_index IS NULL)),
    CHECK (state NOT IN ('proposed', 'refused') OR number IS NOT NULL)
);

COMMENT ON TABLE refused_number IS 'Malicious callers: persuade; repeated: refuse the number for a time; serious: police';
COMMENT ON COLUMN refused_number.number IS 'Sealed; forgotten with the callers'' numbers of that age';

-- A number is refused once, and waits for one decision at a time.
CREATE UNIQUE INDEX refused_number_now ON refused_number (number_index) WHERE state = 'refused';
CREATE UNIQUE INDEX refused_number_asked ON refused_number (number_index) WHERE state = 'proposed';
CREATE INDEX refused_number_until ON refused_number (until) WHERE state = 'refused';
CREATE INDEX refused_number_past ON refused_number (proposed_at DESC, id);

CREATE TABLE refused_evidence (
    refused uuid NOT NULL REFERENCES refused_number ON DELETE RESTRICT,
    call uuid NOT NULL REFERENCES call ON DELETE RESTRICT,
    PRIMARY KEY (refused, call)
);

CREATE INDEX refused_evidence_call ON refused_evidence (call);

CREATE TABLE refused_appeal (
    id uuid PRIMARY KEY,
    refused uuid NOT NULL REFERENCES refused_number ON DELETE RESTRICT,
    way text NOT NULL CHECK (way IN ('counter', 'letter', 'other')),
    words bytea NOT NULL,
    noted_by uuid NOT NULL REFERENCES person ON DELETE RESTRICT,
    noted_at timestamptz NOT NULL,
    outcome text NOT NULL DEFAULT '' CHECK (outcome IN ('', 'upheld', 'dismissed')),
    reason bytea,
    decided_by uuid REFERENCES person ON DELETE RESTRICT,
    decided_at timestamptz,
    CHECK ((outcome = '') = (decided_at IS NULL)),
    CHECK ((decided_at IS NULL) = (decided_by IS NULL))
);

CREATE UNIQUE INDEX refused_appeal_open ON refused_appeal (refused) WHERE outcome = '';
CREATE INDEX refused_appeal_of ON refused_appeal (refused, noted_at);

-- Which refusal a call met. Its outcome is "barred"; an emergency that its caller chose by a key has no agent.
ALTER TABLE call ADD COLUMN refused uuid REFERENCES refused_number ON DELETE RESTRICT;
ALTER TABLE call DROP CONSTRAINT call_outcome_check;
ALTER TABLE call ADD CONSTRAINT call_outcome_check CHECK (
    outcome IN ('answered', 'missed', 'abandoned', 'transferred', 'closed', 'refused', 'barred')
);
CREATE INDEX call_barred ON call (refused, started_at) WHERE refused IS NOT NULL;
ALTER TABLE transfer_record ALTER COLUMN agent DROP NOT NULL;
COMMENT ON COLUMN transfer_record.agent IS 'Nobody when a caller whose number is refused chose it by a key';

CREATE TABLE surge (
    id uuid PRIMARY KEY,
    why text NOT NULL CHECK (why IN ('weather', 'outage', 'incident', 'policy', 'staff', 'other')),
    words text NOT NULL,
    greeting_zh text NOT NULL,
    greeting_en text NOT NULL,
    lines text[] NOT NULL DEFAULT '{}',
    matters text[] NOT NULL DEFAULT '{}',
    script_zh text NOT NULL DEFAULT '',
    script_en text NOT NULL DEFAULT '',
    on_at timestamptz NOT NULL,
    on_by uuid NOT NULL REFERENCES person ON DELETE RESTRICT,
    until timestamptz NOT NULL,
    reminded_at timestamptz,
    off_at timestamptz,
    off_by uuid REFERENCES person ON DELETE RESTRICT,
    off_words text NOT NULL DEFAULT '',
    CHECK (until > on_at),
    CHECK (off_at IS NOT NULL OR off_by IS NULL)
);

COMMENT ON COLUMN surge.off_by IS 'Nobody when it ended by itself at its planned end';

CREATE UNIQUE INDEX surge_on ON surge ((true)) WHERE off_at IS NULL;
CREATE INDEX surge_past ON surge (on_at DESC);

-- Who agreed to be called in, and who was.
CREATE TABLE on_call (
    person uuid PRIMARY KEY REFERENCES person ON DELETE RESTRICT,
    agreed_at timestamptz NOT NULL
);

CREATE TABLE surge_call_in (
    surge uuid NOT NULL REFERENCES surge ON DELETE RESTRICT,
    person uuid NOT NULL REFERENCES person ON DELETE RESTRICT,
    asked_at timestamptz NOT NULL,
    asked_by uuid NOT NULL REFERENCES person ON DELETE RESTRICT,
    answer text NOT NULL DEFAULT '' CHECK (answer IN ('', 'yes', 'no')),
    answered_at timestamptz,
    PRIMARY KEY (surge, person),
    CHECK ((answer = '') = (answered_at IS NULL))
);

CREATE INDEX surge_call_in_person ON surge_call_in (person) WHERE answer = '';
