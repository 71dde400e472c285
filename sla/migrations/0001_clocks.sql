-- Promises as rows with a due moment; the sweep asks for what is due, so its cost follows what is due.

CREATE TABLE clock (
    id uuid PRIMARY KEY,
    case_id uuid NOT NULL REFERENCES cases ON DELETE RESTRICT,
    subject text NOT NULL CHECK (subject IN ('case', 'assignment', 'request', 'order', 'notice')),
    subject_id uuid NOT NULL,
    unit text NOT NULL,
    stage text NOT NULL,
    profile text NOT NULL,
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
    next_act_at timestamptz GENERATED ALWAYS AS (CASE
        WHEN stopped_at IS NOT NULL OR breached_at IS NOT NULL THEN NULL
        WHEN warned_at IS NULL THEN warn_at ELSE due_at END) STORED,
    CHECK (due_at >= started_at),
    CHECK ((stopped_at IS NULL) = (outcome IS NULL))
);

CREATE INDEX clock_case ON clock (case_id);
CREATE INDEX clock_next_act ON clock (next_act_at) WHERE next_act_at IS NOT NULL;
CREATE INDEX clock_running ON clock (unit, stage, due_at) WHERE stopped_at IS NULL;
CREATE INDEX clock_provisional ON clock (due_at) WHERE is_provisional AND stopped_at IS NULL;

CREATE TABLE supervision_order (
    id uuid PRIMARY KEY,
    number text NOT NULL UNIQUE,
    case_id uuid NOT NULL REFERENCES cases ON DELETE RESTRICT,
    assignment_id uuid NOT NULL REFERENCES assignment ON DELETE RESTRICT,
    unit text NOT NULL,
    rule text NOT NULL,
    issued_at timestamptz NOT NULL,
    issued_by uuid NOT NULL,
    due_at timestamptz NOT NULL,
    signed_at timestamptz,
    signed_by uuid,
    answered_at timestamptz,
    answered_by uuid,
    reply text
);

CREATE INDEX supervision_order_open ON supervision_order (unit, due_at) WHERE answered_at IS NULL;
CREATE INDEX supervision_order_case ON supervision_order (case_id);
CREATE INDEX supervision_order_issued ON supervision_order (issued_at);
CREATE UNIQUE INDEX supervision_order_once ON supervision_order (assignment_id, rule) WHERE answered_at IS NULL;

CREATE TABLE alert (
    id uuid PRIMARY KEY,
    clock_id uuid NOT NULL UNIQUE REFERENCES clock ON DELETE RESTRICT,
    case_id uuid NOT NULL REFERENCES cases ON DELETE RESTRICT,
    unit text NOT NULL,
    stage text NOT NULL,
    at timestamptz NOT NULL,
    due_at timestamptz NOT NULL,
    answered_at timestamptz,
    answered_by uuid,
    answer text,
    CHECK ((answered_at IS NULL) = (answer IS NULL))
);

CREATE INDEX alert_open ON alert (at) WHERE answered_at IS NULL;
CREATE INDEX alert_case ON alert (case_id);
CREATE INDEX alert_at ON alert (at);

-- Alerts cannot be deleted, only answered (seed 004-14); an answer is given once.
CREATE FUNCTION keep_alert() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' AND OLD.answered_at IS NULL
        AND (NEW.id, NEW.clock_id, NEW.case_id, NEW.unit, NEW.stage, NEW.at, NEW.due_at)
          = (OLD.id, OLD.clock_id, OLD.case_id, OLD.unit, OLD.stage, OLD.at, OLD.due_at) THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'an alert is never deleted or rewritten, only answered' USING ERRCODE = 'restrict_violation';
END $$;

CREATE TRIGGER alert_is_kept BEFORE UPDATE OR DELETE ON alert FOR EACH ROW EXECUTE FUNCTION keep_alert();

CREATE TABLE serial_counter (
    name text NOT NULL,
    year integer NOT NULL,
    last integer NOT NULL CHECK (last >= 0),
    PRIMARY KEY (name, year)
);

CREATE TABLE sweep_mark (
    name text PRIMARY KEY,
    at timestamptz NOT NULL,
    acts integer NOT NULL,
    late_seconds double precision NOT NULL
);
