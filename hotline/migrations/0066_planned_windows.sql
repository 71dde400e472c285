-- Planned work that was announced beforehand: its minutes count neither as service nor as its lack.

CREATE TABLE planned_window (
    id uuid PRIMARY KEY,
    begins_at timestamptz NOT NULL,
    ends_at timestamptz NOT NULL,
    reason text NOT NULL CHECK (reason <> '' AND length(reason) <= 200),
    announced_at timestamptz NOT NULL,
    announced_by uuid NOT NULL REFERENCES person ON DELETE RESTRICT,
    withdrawn_at timestamptz,
    CHECK (announced_at < begins_at),
    CHECK (ends_at > begins_at AND ends_at <= begins_at + interval '24 hours'),
    CHECK (withdrawn_at < begins_at)
);

CREATE INDEX planned_window_begins ON planned_window (begins_at DESC) WHERE withdrawn_at IS NULL;
