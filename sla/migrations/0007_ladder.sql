-- The supervision ladder: its rules as a table, orders to their end, papers about a unit (bulletin, interview,
-- accountability) with each step's author and date, leaders' instructions, and what is due of all these.

CREATE TABLE ladder_rule (
    code text NOT NULL,
    trigger text NOT NULL,
    subject text NOT NULL CHECK (subject IN ('unit', 'liaison', 'deputy', 'head', 'person')),
    measure text NOT NULL CHECK (measure IN
        ('reminder', 'yellow', 'red', 'order', 'joint', 'bulletin', 'interview', 'accountability')),
    level smallint NOT NULL CHECK (level IN (0, 2, 3, 4, 5, 6, 7)),
    points integer NOT NULL CHECK (points BETWEEN 0 AND 100),
    issued_by text NOT NULL CHECK (issued_by IN ('system', 'supervisor', 'coordination')),
    amount numeric CHECK (amount > 0),
    unit text CHECK (unit IN ('wd', 'count')),
    ground_zh text NOT NULL CHECK (ground_zh <> ''),
    ground_en text NOT NULL CHECK (ground_en <> ''),
    is_on boolean NOT NULL,
    valid_from date NOT NULL,
    valid_to date CHECK (valid_to >= valid_from),
    PRIMARY KEY (code, valid_from),
    CHECK ((amount IS NULL) = (unit IS NULL)),
    CHECK (points = 0 OR measure IN ('yellow', 'red'))
);
CREATE UNIQUE INDEX ladder_rule_open ON ladder_rule (code) WHERE valid_to IS NULL;

ALTER TABLE clock DROP CONSTRAINT clock_subject_check;
ALTER TABLE clock ADD CONSTRAINT clock_subject_check CHECK (subject IN
    ('case', 'assignment', 'request', 'order', 'notice', 'instruction', 'data_request'));
-- When a broken handling promise counts as long overdue: then the draft of a bulletin.
ALTER TABLE clock ADD COLUMN chase_at timestamptz;
CREATE INDEX clock_chased ON clock (chase_at)
    WHERE chase_at IS NOT NULL AND stopped_at IS NULL AND paused_at IS NULL;

ALTER TABLE supervision_order
    ADD COLUMN bodies text[] NOT NULL DEFAULT '{}',
    ADD COLUMN joint_at timestamptz,
    ADD COLUMN words text NOT NULL DEFAULT '',
    ADD COLUMN reviewed_at timestamptz,
    ADD COLUMN reviewed_by uuid,
    ADD COLUMN review text CHECK (review IN ('accepted', 'sent_back')),
    ADD COLUMN review_reason text,
    ADD COLUMN sent_back smallint NOT NULL DEFAULT 0,
    ADD COLUMN ended_at timestamptz,
    ADD COLUMN ended_by uuid,
    ADD COLUMN ended_for text CHECK (ended_for IN ('accepted', 'withdrawn', 'case_closed')),
    ADD COLUMN chase_at timestamptz,
    ADD CONSTRAINT supervision_order_end CHECK ((ended_at IS NULL) = (ended_for IS NULL));
UPDATE supervision_order SET ended_at = answered_at, ended_by = answered_by, ended_for = 'accepted'
    WHERE answered_at IS NOT NULL;
DROP INDEX supervision_order_once;
CREATE UNIQUE INDEX supervision_order_once ON supervision_order (assignment_id, rule) WHERE ended_at IS NULL;
CREATE INDEX supervision_order_review ON supervision_order (answered_at) WHERE answered_at IS NOT NULL
    AND ended_at IS NULL;
CREATE INDEX supervision_order_unit ON supervision_order (unit, issued_at);
CREATE INDEX supervision_order_chased ON supervision_order (chase_at) WHERE chase_at IS NOT NULL
    AND answered_at IS NULL AND ended_at IS NULL;

-- An alert that nobody answers climbs: to the deputy, to the head, to the supervision office.
ALTER TABLE alert ADD COLUMN escalate_at timestamptz, ADD COLUMN escalated smallint NOT NULL DEFAULT 0;
CREATE INDEX alert_climbing ON alert (escalate_at) WHERE escalate_at IS NOT NULL AND answered_at IS NULL;

-- A paper about a unit or a person in it. Who a personal one is about is sealed.
CREATE TABLE ladder_paper (
    id uuid PRIMARY KEY,
    number text NOT NULL UNIQUE,
    measure text NOT NULL CHECK (measure IN ('bulletin', 'interview', 'accountability')),
    state text NOT NULL CHECK (state IN ('draft', 'recorded', 'issued', 'called', 'held', 'reported', 'decided',
        'handed', 'done', 'dropped')),
    unit text NOT NULL,
    subject text NOT NULL CHECK (subject IN ('unit', 'liaison', 'deputy', 'head', 'person')),
    person bytea,
    post text NOT NULL DEFAULT '',
    case_id uuid REFERENCES cases ON DELETE RESTRICT,
    assignment_id uuid REFERENCES assignment ON DELETE RESTRICT,
    rule text NOT NULL,
    rule_from date NOT NULL,
    cited_zh text NOT NULL,
    cited_en text NOT NULL,
    cause_id uuid,
    cause_month date,
    level smallint NOT NULL CHECK (level IN (0, 5, 6, 7)),
    ground text NOT NULL DEFAULT '',
    words text NOT NULL DEFAULT '',
    drafted_at timestamptz NOT NULL,
    drafted_by uuid NOT NULL,
    effective_at timestamptz,
    planned_at timestamptz,
    place text NOT NULL DEFAULT '',
    interviewer text NOT NULL DEFAULT '',
    held_at timestamptz,
    record text NOT NULL DEFAULT '',
    undertaking text NOT NULL DEFAULT '',
    due_at timestamptz,
    chase text CHECK (chase IN ('remind', 'overdue')),
    chase_at timestamptz,
    report text NOT NULL DEFAULT '',
    decision text NOT NULL DEFAULT '',
    decided_by text NOT NULL DEFAULT '',
    handed_to text NOT NULL DEFAULT '',
    ended_at timestamptz,
    steps integer NOT NULL DEFAULT 0,
    CHECK ((chase IS NULL) = (chase_at IS NULL)),
    CHECK ((ended_at IS NOT NULL) = (state IN ('done', 'dropped')))
);
CREATE UNIQUE INDEX ladder_paper_once ON ladder_paper (rule, cause_id) WHERE cause_id IS NOT NULL;
CREATE UNIQUE INDEX ladder_paper_month ON ladder_paper (rule, unit, cause_month) WHERE cause_month IS NOT NULL;
CREATE INDEX ladder_paper_list ON ladder_paper (measure, drafted_at DESC, id);
CREATE INDEX ladder_paper_open ON ladder_paper (unit, state) WHERE ended_at IS NULL;
CREATE INDEX ladder_paper_case ON ladder_paper (case_id) WHERE case_id IS NOT NULL;
CREATE INDEX ladder_paper_chased ON ladder_paper (chase_at) WHERE chase_at IS NOT NULL;

CREATE TABLE ladder_step (
    paper_id uuid NOT NULL REFERENCES ladder_paper ON DELETE RESTRICT,
    seq integer NOT NULL,
    step text NOT NULL,
    at timestamptz NOT NULL,
    by uuid NOT NULL,
    rule text NOT NULL,
    words text NOT NULL,
    PRIMARY KEY (paper_id, seq)
);
-- Each step keeps its author and its date: none is rewritten or taken away (seed 000-03). Only its words may be erased.
CREATE FUNCTION keep_ladder_step() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' THEN
        IF NEW.words = '' AND to_jsonb(NEW) - 'words' = to_jsonb(OLD) - 'words' THEN
            RETURN NEW;
        END IF;
    END IF;
    RAISE EXCEPTION 'a step of the ladder is never deleted or rewritten' USING ERRCODE = 'restrict_violation';
END $$;
CREATE TRIGGER ladder_step_is_kept BEFORE UPDATE OR DELETE ON ladder_step
    FOR EACH ROW EXECUTE FUNCTION keep_ladder_step();

CREATE TABLE instruction (
    id uuid PRIMARY KEY,
    case_id uuid NOT NULL REFERENCES cases ON DELETE RESTRICT,
    unit text NOT NULL,
    leader text NOT NULL,
    given_at timestamptz NOT NULL,
    given_by uuid NOT NULL,
    words text NOT NULL,
    due_at timestamptz NOT NULL,
    reported_at timestamptz,
    reported_by uuid,
    report text
);
CREATE INDEX instruction_open ON instruction (due_at) WHERE reported_at IS NULL;
CREATE INDEX instruction_case ON instruction (case_id);
CREATE INDEX instruction_by ON instruction (given_by, given_at);
