-- How each door to a provider is doing, in one row that every process shares; reports of a provider that come before we
-- have noted its id of the message; and the language in which a requester is answered.

ALTER TABLE request ADD COLUMN lang text NOT NULL DEFAULT 'zh' CHECK (lang IN ('zh', 'en'));

CREATE TABLE door (
    channel text PRIMARY KEY,
    later_run integer NOT NULL DEFAULT 0,
    paused_at timestamptz,
    paused_until timestamptz,
    code text NOT NULL DEFAULT '',
    code_at timestamptz,
    free_at timestamptz,
    CHECK ((paused_at IS NULL) = (paused_until IS NULL))
);

COMMENT ON COLUMN door.later_run IS 'Failures that pass, one after another: from outcomes.RUN on the door pauses';
COMMENT ON COLUMN door.code IS 'The last failure''s code, never a provider''s words';
COMMENT ON COLUMN door.free_at IS 'From when on the next message may leave: the rate per second, whichever process sends';

CREATE TABLE status_ahead (
    channel text NOT NULL,
    provider_id text NOT NULL,
    state text NOT NULL CHECK (state IN ('sent', 'delivered', 'failed')),
    code text NOT NULL DEFAULT '',
    at timestamptz NOT NULL,
    kept_at timestamptz NOT NULL,
    PRIMARY KEY (channel, provider_id, state)
);

COMMENT ON TABLE status_ahead IS 'A provider may report a message as delivered before the answer to our own request is here';

-- Doors are claimed one by one, so that a slow one holds up no other.
DROP INDEX outbox_due;
CREATE INDEX outbox_due ON outbox_message (channel, next_at) WHERE state = 'queued';
