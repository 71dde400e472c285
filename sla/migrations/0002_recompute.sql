-- A change of the calendar moves running promises; the row says so until the worker has reckoned them all anew.

CREATE TABLE calendar_change (
    id uuid PRIMARY KEY,
    at timestamptz NOT NULL,
    by uuid NOT NULL,
    first_day date NOT NULL,
    last_day date NOT NULL CHECK (last_day >= first_day),
    case_after uuid,
    moved integer NOT NULL DEFAULT 0,
    done_at timestamptz
);

CREATE INDEX calendar_change_open ON calendar_change (at) WHERE done_at IS NULL;
