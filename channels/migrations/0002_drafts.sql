-- What a citizen is writing on the web and has not sent yet, a day at most. The key is a digest of the browser's
-- token, the body is sealed: neither a copy of the table nor the cookie alone tells anything.

CREATE TABLE web_draft (
    key bytea PRIMARY KEY CHECK (octet_length(key) = 32),
    once uuid NOT NULL UNIQUE,
    body bytea NOT NULL,
    changed_at timestamptz NOT NULL
);

CREATE INDEX web_draft_changed ON web_draft (changed_at);
