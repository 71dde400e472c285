-- Who wants to hear of new notices, by which door: an address, sealed, and nothing else about the person. One that was
-- not confirmed in time, and one that was ended, is deleted.

CREATE TABLE notice_subscription (
    id uuid PRIMARY KEY,
    channel text NOT NULL CHECK (channel IN ('email', 'sms', 'wechat')),
    address bytea NOT NULL,
    address_index bytea NOT NULL,
    unit text NOT NULL DEFAULT '',
    lang text NOT NULL CHECK (lang IN ('zh', 'en')),
    token bytea NOT NULL,
    token_digest bytea NOT NULL UNIQUE,
    created_at timestamptz NOT NULL,
    confirmed_at timestamptz,
    UNIQUE (channel, address_index, unit)
);
CREATE INDEX notice_subscription_unit ON notice_subscription (unit) WHERE confirmed_at IS NOT NULL;
CREATE INDEX notice_subscription_unconfirmed ON notice_subscription (created_at) WHERE confirmed_at IS NULL;
