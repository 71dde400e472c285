-- Exports of the whole ledger: asked for with a reason, decided by somebody else, made by the worker, kept sealed a while.

CREATE TABLE ledger_export (
    id uuid PRIMARY KEY,
    asked_at timestamptz NOT NULL,
    asked_by uuid NOT NULL REFERENCES person ON DELETE RESTRICT,
    reason text NOT NULL CHECK (char_length(reason) BETWEEN 1 AND 1000),
    audiences text[] NOT NULL CHECK (audiences <@ ARRAY['requester', 'staff', 'centre']),
    has_personal boolean NOT NULL,
    state text NOT NULL CHECK (state IN ('asked', 'refused', 'withdrawn', 'approved', 'running', 'ready', 'failed',
        'expired')),
    decided_at timestamptz,
    decided_by uuid REFERENCES person ON DELETE RESTRICT,
    answer text,
    claimed_until timestamptz,
    finished_at timestamptz,
    cases bigint,
    size bigint,
    sha256 text,
    expires_at timestamptz,
    downloads integer NOT NULL DEFAULT 0 CHECK (downloads >= 0),
    CHECK (decided_by IS DISTINCT FROM asked_by),
    CHECK ((decided_at IS NULL) = (decided_by IS NULL)),
    CHECK (state IN ('asked', 'withdrawn') OR decided_by IS NOT NULL),
    CHECK ((state IN ('ready', 'expired')) = (sha256 IS NOT NULL))
);

CREATE INDEX ledger_export_waiting ON ledger_export (asked_at) WHERE state IN ('approved', 'running');
CREATE INDEX ledger_export_kept ON ledger_export (expires_at) WHERE state = 'ready';
