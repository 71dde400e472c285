-- Messages in, each once however often it is delivered; messages out, written with what caused them.

CREATE TABLE inbound_message (
    id uuid PRIMARY KEY,
    channel text NOT NULL,
    provider_id text NOT NULL,
    receipt_no text NOT NULL UNIQUE,
    code_hash bytea NOT NULL,
    received_at timestamptz NOT NULL,
    state text NOT NULL DEFAULT 'new' CHECK (state IN ('new', 'made', 'parked')),
    tries smallint NOT NULL DEFAULT 0,
    error text,
    body bytea,
    case_id uuid REFERENCES cases DEFERRABLE INITIALLY DEFERRED,
    UNIQUE (channel, provider_id),
    CHECK ((state = 'made') = (body IS NULL)),
    CHECK ((state = 'made') = (case_id IS NOT NULL))
);

CREATE INDEX inbound_waiting ON inbound_message (received_at) WHERE state = 'new';
CREATE INDEX inbound_parked ON inbound_message (received_at) WHERE state = 'parked';

CREATE TABLE outbox_message (
    id uuid PRIMARY KEY,
    key text NOT NULL UNIQUE,
    case_id uuid NOT NULL REFERENCES cases ON DELETE RESTRICT,
    request_id uuid REFERENCES request ON DELETE RESTRICT,
    channel text NOT NULL,
    address bytea,
    body bytea NOT NULL,
    created_at timestamptz NOT NULL,
    state text NOT NULL CHECK (state IN ('queued', 'sent', 'delivered', 'failed')),
    tries smallint NOT NULL,
    next_at timestamptz,
    sent_at timestamptz,
    provider_id text,
    error text
);

CREATE INDEX outbox_due ON outbox_message (next_at) WHERE state = 'queued';
CREATE INDEX outbox_request ON outbox_message (request_id);
CREATE INDEX outbox_case ON outbox_message (case_id);
