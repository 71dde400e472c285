-- What reading the providers' messages needs: a second key of the same delivery, when a failed or half message is looked
-- at again, one person's messages in their order; and the pictures and voices that a provider keeps for us.

ALTER TABLE arrival
    ADD COLUMN token text,
    ADD COLUMN next_at timestamptz;

COMMENT ON COLUMN arrival.token IS 'The provider''s idempotency token of this delivery: unique beside its message id';
COMMENT ON COLUMN arrival.next_at IS 'Not read before: it failed, or waits for the other parts of its text';

CREATE UNIQUE INDEX arrival_token ON arrival (channel, token) WHERE token IS NOT NULL;
CREATE INDEX arrival_sender ON arrival (sender, received_at) WHERE state = 'new';

CREATE TABLE medium (
    id uuid PRIMARY KEY,
    channel text NOT NULL,
    case_id uuid NOT NULL REFERENCES cases DEFERRABLE INITIALLY DEFERRED,
    request_id uuid NOT NULL REFERENCES request DEFERRABLE INITIALLY DEFERRED,
    kind text NOT NULL,
    source bytea,
    created_at timestamptz NOT NULL,
    state text NOT NULL DEFAULT 'new' CHECK (state IN ('new', 'kept', 'refused', 'lost', 'erased')),
    tries smallint NOT NULL DEFAULT 0,
    next_at timestamptz,
    error text,
    attachment_id uuid,
    CHECK ((state = 'new') = (source IS NOT NULL)),
    CHECK ((state = 'new') = (next_at IS NOT NULL)),
    CHECK ((state = 'kept') = (attachment_id IS NOT NULL))
);

COMMENT ON TABLE medium IS 'A picture, voice or film to be fetched from its provider and attached to its request';
COMMENT ON COLUMN medium.source IS 'channels.heard.Medium, sealed: where it is; gone once it was fetched or given up';

CREATE INDEX medium_due ON medium (next_at) WHERE state = 'new';
CREATE INDEX medium_case ON medium (case_id);
CREATE INDEX medium_failed ON medium (created_at) WHERE state IN ('refused', 'lost');
