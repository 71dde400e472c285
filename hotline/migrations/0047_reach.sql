-- A number or address is proven with a code before anything goes to it; some kinds of message only stand in the list.

ALTER TABLE person_reach
    ADD COLUMN muted text[] NOT NULL DEFAULT '{}',
    ADD COLUMN proven text[] NOT NULL DEFAULT '{}' CHECK (proven <@ ARRAY['sms', 'wechat', 'email']);
-- Whoever was told by a door so far goes on being told by it.
UPDATE person_reach SET proven = doors;

-- Bound to the address as it stands: another address needs another code.
CREATE TABLE reach_code (
    person_id  uuid NOT NULL REFERENCES person ON DELETE RESTRICT,
    door       text NOT NULL CHECK (door IN ('sms', 'wechat', 'email')),
    code_index bytea NOT NULL,
    until      timestamptz NOT NULL,
    PRIMARY KEY (person_id, door)
);
