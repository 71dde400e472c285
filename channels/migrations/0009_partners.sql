-- Bodies that file and follow requests by machine (seed 003-01, 003-12): who they are, their keys, their web hooks.

CREATE TABLE partner (
    code text PRIMARY KEY CHECK (code ~ '^[a-z][a-z0-9_]{1,31}$'),
    name_zh text NOT NULL,
    name_en text NOT NULL,
    channel text NOT NULL,
    is_on boolean NOT NULL DEFAULT true,
    per_minute integer NOT NULL DEFAULT 600 CHECK (per_minute BETWEEN 1 AND 60000),
    hook_url text NOT NULL DEFAULT '',
    hook_secret bytea,
    hook_events text[] NOT NULL DEFAULT '{}',
    is_hook_on boolean NOT NULL DEFAULT false,
    is_intranet boolean NOT NULL DEFAULT false,
    hook_off_at timestamptz,
    created_at timestamptz NOT NULL,
    changed_at timestamptz NOT NULL,
    CHECK (NOT is_hook_on OR (hook_url <> '' AND hook_secret IS NOT NULL))
);

COMMENT ON COLUMN partner.channel IS 'As which source its requests are filed (cases.wording.CHANNELS); never changed, as repeats are known by it';
COMMENT ON COLUMN partner.hook_off_at IS 'When the receiver answered 410 Gone, which switched its web hook off';

CREATE TABLE partner_key (
    id uuid PRIMARY KEY,
    partner text NOT NULL REFERENCES partner ON DELETE RESTRICT,
    prefix text NOT NULL UNIQUE,
    hash bytea NOT NULL CHECK (octet_length(hash) = 32),
    scopes text[] NOT NULL CHECK (scopes <@ ARRAY['file', 'read', 'words', 'rate', 'open311'] AND scopes <> '{}'),
    created_at timestamptz NOT NULL,
    created_by uuid NOT NULL,
    used_at timestamptz,
    ended_at timestamptz
);

CREATE INDEX partner_key_partner ON partner_key (partner, created_at);

-- What a partner added to a request, by its idempotency key: the same words sent again are the same words.
CREATE TABLE partner_words (
    partner text NOT NULL REFERENCES partner ON DELETE RESTRICT,
    key bytea NOT NULL CHECK (octet_length(key) = 32),
    receipt_no text NOT NULL,
    at timestamptz NOT NULL,
    PRIMARY KEY (partner, key)
);

-- The delivery log of one partner, newest first: its code is the second part of a web hook's key.
CREATE INDEX outbox_webhook ON outbox_message (split_part(key, ':', 2), created_at, id) WHERE channel = 'webhook';
