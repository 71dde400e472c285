-- What people of the staff are told: one row a person and thing, read in their list; messages by other doors are rows
-- of the outbox beside it. Nothing personal stands in it, so nothing of it has to be erased with a case.

CREATE TABLE staff_notice (
    id uuid PRIMARY KEY,
    key text NOT NULL UNIQUE,
    person_id uuid NOT NULL REFERENCES person ON DELETE RESTRICT,
    instead_of uuid REFERENCES person ON DELETE RESTRICT,
    unit text NOT NULL,
    kind text NOT NULL,
    case_id uuid REFERENCES cases ON DELETE RESTRICT,
    zh text NOT NULL CHECK (zh <> ''),
    en text NOT NULL CHECK (en <> ''),
    is_critical boolean NOT NULL,
    at timestamptz NOT NULL,
    permitted_at timestamptz NOT NULL CHECK (permitted_at >= at),
    read_at timestamptz
);

CREATE INDEX staff_notice_person ON staff_notice (person_id, at DESC);
CREATE INDEX staff_notice_unread ON staff_notice (person_id, at DESC) WHERE read_at IS NULL;
CREATE INDEX staff_notice_case ON staff_notice (case_id);
CREATE INDEX staff_notice_at ON staff_notice (at);
CREATE INDEX staff_notice_permitted ON staff_notice (permitted_at);

-- A unit in whose chain nobody could be told is work for the centre, not a silence.
CREATE TABLE unheard (
    key text PRIMARY KEY,
    unit text NOT NULL,
    kind text NOT NULL,
    case_id uuid REFERENCES cases ON DELETE RESTRICT,
    at timestamptz NOT NULL
);

CREATE INDEX unheard_at ON unheard (at);
CREATE INDEX unheard_case ON unheard (case_id);
