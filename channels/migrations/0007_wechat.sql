-- The one access token of an official account, shared by every process, and the nonces that were used a moment ago.

CREATE TABLE wechat_token (
    app text PRIMARY KEY,
    token bytea,
    fresh_until timestamptz,
    dead_at timestamptz,
    claimed_until timestamptz,
    CHECK ((token IS NULL) = (dead_at IS NULL))
);

COMMENT ON COLUMN wechat_token.token IS 'Sealed; NULL before the first and after a failed one';
COMMENT ON COLUMN wechat_token.fresh_until IS 'From here on whoever comes first fetches the next; this one serves until dead_at';
COMMENT ON COLUMN wechat_token.claimed_until IS 'One process is fetching the next, or has just failed to: the others wait or use the old one';
