-- Files that came by mail, until they are attached to their request; how the mailbox is doing; and the list of transfers.

CREATE TABLE email_part (
    id uuid PRIMARY KEY,
    body bytea NOT NULL,
    name bytea NOT NULL,
    media_type text NOT NULL,
    kept_at timestamptz NOT NULL,
    read_at timestamptz
);

COMMENT ON TABLE email_part IS 'Sealed; gone within the hour once it was fetched for its request, within thirty days in any case';

CREATE INDEX email_part_kept ON email_part (kept_at);

CREATE TABLE mailbox (
    is_only boolean PRIMARY KEY DEFAULT true CHECK (is_only),
    looked_at timestamptz NOT NULL,
    ok_at timestamptz,
    code text NOT NULL DEFAULT ''
);

COMMENT ON COLUMN mailbox.code IS 'Why the last look failed, never the server''s words; empty when it did not';

-- Cases that were handed over, newest first.
CREATE INDEX cases_transferred ON cases (closed_at DESC, id) WHERE state = 'transferred';
