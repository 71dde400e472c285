-- What somebody is typing and has not settled yet, one row a window; bodies are sealed by the vault.
-- A settled call leaves its receipt (number and query code) here for its wrap-up, an hour at most.

CREATE TABLE draft (
    id uuid PRIMARY KEY,
    person uuid NOT NULL,
    kind text NOT NULL CHECK (kind IN ('call', 'receipt')),
    body bytea NOT NULL,
    updated_at timestamptz NOT NULL
);

CREATE INDEX draft_person ON draft (person, kind, updated_at);
