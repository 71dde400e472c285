-- What providers send us, stored once and raw before anything is done with it; whom we speak with, door by door; and what
-- became of each try to send something out.

CREATE TABLE arrival (
    id uuid PRIMARY KEY,
    channel text NOT NULL,
    provider_id text NOT NULL,
    sender bytea NOT NULL,
    received_at timestamptz NOT NULL,
    state text NOT NULL DEFAULT 'new' CHECK (state IN ('new', 'done', 'parked')),
    tries smallint NOT NULL DEFAULT 0,
    error text,
    body bytea,
    reply bytea,
    outcome text,
    case_id uuid REFERENCES cases DEFERRABLE INITIALLY DEFERRED,
    UNIQUE (channel, provider_id),
    CHECK ((state = 'done') = (body IS NULL)),
    CHECK ((state = 'done') = (outcome IS NOT NULL))
);

COMMENT ON COLUMN arrival.sender IS 'Blind index of channel and address: what one person sent is read in its order';
COMMENT ON COLUMN arrival.body IS 'channels.heard.Heard, sealed; gone once it was read, as its words are with the case then';
COMMENT ON COLUMN arrival.reply IS 'What the provider was answered, sealed: the same message again gets the same answer';

CREATE INDEX arrival_waiting ON arrival (received_at) WHERE state = 'new';
CREATE INDEX arrival_parked ON arrival (received_at) WHERE state = 'parked';
CREATE INDEX arrival_case ON arrival (case_id) WHERE case_id IS NOT NULL;
CREATE INDEX arrival_received ON arrival (received_at);

CREATE TABLE correspondent (
    channel text NOT NULL,
    address_index bytea NOT NULL,
    address bytea NOT NULL,
    is_silent boolean NOT NULL DEFAULT false,
    silent_since timestamptz,
    lang text NOT NULL DEFAULT 'zh' CHECK (lang IN ('zh', 'en')),
    last_in_at timestamptz,
    sent_since integer NOT NULL DEFAULT 0,
    talk bytea,
    changed_at timestamptz NOT NULL,
    PRIMARY KEY (channel, address_index)
);

COMMENT ON COLUMN correspondent.is_silent IS 'They said STOP, or unsubscribed: nothing is sent to them by this door';
COMMENT ON COLUMN correspondent.sent_since IS 'Messages since theirs: the customer-service window of an official account';
COMMENT ON COLUMN correspondent.talk IS 'Where the conversation stands (channels.talk.Talk), sealed';

-- A message may concern no case: the answer to a wrong query code, say.
ALTER TABLE outbox_message
    ALTER COLUMN case_id DROP NOT NULL,
    ADD COLUMN name text NOT NULL DEFAULT '',
    ADD COLUMN facts bytea,
    ADD COLUMN status_at timestamptz,
    ADD COLUMN is_waking boolean NOT NULL DEFAULT true,
    DROP CONSTRAINT outbox_message_state_check,
    ADD CONSTRAINT outbox_message_state_check CHECK (state IN ('queued', 'sent', 'delivered', 'failed', 'dropped'));

COMMENT ON COLUMN outbox_message.facts IS 'The values of the text (channels.carrier.Facts), sealed: for templates and web hooks';
COMMENT ON COLUMN outbox_message.is_waking IS 'Waits for the end of the quiet hours';

CREATE INDEX outbox_provider ON outbox_message (channel, provider_id) WHERE provider_id IS NOT NULL;

CREATE TABLE attempt (
    id uuid PRIMARY KEY,
    message_id uuid NOT NULL REFERENCES outbox_message ON DELETE RESTRICT,
    at timestamptz NOT NULL,
    outcome text NOT NULL CHECK (outcome IN ('sent', 'later', 'never', 'silent', 'replayed', 'status')),
    code text NOT NULL DEFAULT '',
    seconds real NOT NULL DEFAULT 0
);

CREATE INDEX attempt_message ON attempt (message_id, at);
