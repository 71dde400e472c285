-- The machine room: what is measured, alarms, which minutes the service was up, processes, backups and drills.
-- Figures, codes and times only; nothing of any case.

CREATE TABLE machine_round (
    is_only boolean PRIMARY KEY DEFAULT TRUE CHECK (is_only),
    at timestamptz NOT NULL,
    by_whom text NOT NULL
);

CREATE TABLE machine_signal (
    key text PRIMARY KEY,
    value double precision,
    is_bad boolean NOT NULL,
    since timestamptz NOT NULL,
    at timestamptz NOT NULL
);

CREATE TABLE machine_alarm (
    id uuid PRIMARY KEY,
    key text NOT NULL,
    opened_at timestamptz NOT NULL,
    value double precision NOT NULL,
    worst double precision NOT NULL,
    good_since timestamptz,
    told integer NOT NULL DEFAULT 0 CHECK (told >= 0),
    told_at timestamptz,
    acknowledged_at timestamptz,
    acknowledged_by uuid REFERENCES person ON DELETE RESTRICT,
    escalated_at timestamptz,
    cleared_at timestamptz,
    CHECK ((acknowledged_at IS NULL) = (acknowledged_by IS NULL)),
    CHECK ((told = 0) = (told_at IS NULL))
);

CREATE UNIQUE INDEX machine_alarm_open ON machine_alarm (key) WHERE cleared_at IS NULL;
CREATE INDEX machine_alarm_recent ON machine_alarm (opened_at DESC);

CREATE TABLE machine_process (
    name text PRIMARY KEY,
    kind text NOT NULL CHECK (kind IN ('web', 'worker')),
    began_at timestamptz NOT NULL,
    at timestamptz NOT NULL,
    figures jsonb NOT NULL
);

CREATE TABLE uptime_day (
    day date NOT NULL,
    part text NOT NULL CHECK (part IN ('web', 'worker')),
    minutes bit(1440) NOT NULL,
    PRIMARY KEY (day, part)
);

CREATE TABLE machine_run (
    id uuid PRIMARY KEY,
    kind text NOT NULL CHECK (kind IN ('backup', 'drill', 'upgrade')),
    began_at timestamptz NOT NULL,
    ended_at timestamptz,
    is_good boolean,
    size bigint CHECK (size >= 0),
    file text NOT NULL DEFAULT '',
    code text NOT NULL DEFAULT '',
    CHECK ((ended_at IS NULL) = (is_good IS NULL))
);

CREATE INDEX machine_run_recent ON machine_run (kind, began_at DESC);
