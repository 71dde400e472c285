-- How staff get in: what a session was opened from, second factors, slips for a new password, tries and pauses.

-- Where and how a session was opened, for its holder to recognise it. proven_at: when a second factor was last shown.
ALTER TABLE session
    ADD COLUMN address   text NOT NULL DEFAULT '' CHECK (length(address) <= 64),
    ADD COLUMN agent     text NOT NULL DEFAULT '' CHECK (length(agent) <= 300),
    ADD COLUMN how       text NOT NULL DEFAULT 'password' CHECK (how IN ('password', 'oidc', 'break_glass')),
    ADD COLUMN proven_at timestamptz;

-- must_change: the password was not chosen by its holder; the next sign-in asks for another one.
ALTER TABLE person
    ADD COLUMN must_change     boolean NOT NULL DEFAULT false,
    ADD COLUMN password_set_at timestamptz NOT NULL DEFAULT now();

-- When and from where a person came last, and what happened since: told at the next sign-in.
CREATE TABLE person_sign_in (
    person_id    uuid PRIMARY KEY REFERENCES person (id) ON DELETE RESTRICT,
    last_at      timestamptz,
    last_address text NOT NULL DEFAULT '',
    failed       integer NOT NULL DEFAULT 0 CHECK (failed >= 0),
    factor_reset_at timestamptz
);

-- From where a person signs in: a pause of all addresses (or of the address for all logins) does not hold there.
CREATE TABLE person_place (
    person_id uuid NOT NULL REFERENCES person (id) ON DELETE RESTRICT,
    address   text NOT NULL CHECK (length(address) <= 64),
    last_at   timestamptz NOT NULL,
    PRIMARY KEY (person_id, address)
);
CREATE INDEX person_place_age ON person_place (last_at);

-- Somebody who has shown a password (or came from the provider) and still owes something: no session yet.
CREATE TABLE sign_in_step (
    token_hash bytea PRIMARY KEY CHECK (length(token_hash) = 32),
    person_id  uuid NOT NULL REFERENCES person (id) ON DELETE RESTRICT,
    how        text NOT NULL CHECK (how IN ('password', 'oidc', 'break_glass')),
    proven_at  timestamptz,
    onward     text NOT NULL DEFAULT '',
    expires_at timestamptz NOT NULL
);
CREATE INDEX sign_in_step_person ON sign_in_step (person_id);
CREATE INDEX sign_in_step_expires ON sign_in_step (expires_at);

-- TOTP (RFC 6238). The secret is sealed; last_step is the last time step accepted, never accepted again.
CREATE TABLE person_factor (
    person_id    uuid PRIMARY KEY REFERENCES person (id) ON DELETE RESTRICT,
    secret       bytea NOT NULL,
    made_at      timestamptz NOT NULL,
    confirmed_at timestamptz,
    last_step    bigint NOT NULL DEFAULT 0
);
CREATE TABLE recovery_code (
    person_id uuid NOT NULL REFERENCES person (id) ON DELETE RESTRICT,
    code_hash bytea NOT NULL,
    used_at   timestamptz,
    PRIMARY KEY (person_id, code_hash)
);

-- A slip for a new password: shown once to who made it, good once, until it expires. One open slip a person.
CREATE TABLE password_slip (
    id         uuid PRIMARY KEY,
    person_id  uuid NOT NULL REFERENCES person (id) ON DELETE RESTRICT,
    code_hash  bytea NOT NULL,
    made_by    uuid NOT NULL,
    made_at    timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    ended_at   timestamptz
);
CREATE UNIQUE INDEX password_slip_open ON password_slip (person_id) WHERE ended_at IS NULL;

-- Wrong tries to sign in, counted for login and address together ('pair'), for a login from strange addresses, and
-- for an address over all logins. Each pause is twice the one before, up to the city's most.
CREATE UNLOGGED TABLE sign_in_try (
    scope   text NOT NULL CHECK (scope IN ('pair', 'login', 'address')),
    subject bytea NOT NULL CHECK (length(subject) = 32),
    person_id uuid,
    address text NOT NULL DEFAULT '',
    tries   integer NOT NULL,
    most    integer NOT NULL,
    pauses  integer NOT NULL DEFAULT 0,
    until   timestamptz NOT NULL,
    at      timestamptz NOT NULL,
    PRIMARY KEY (scope, subject)
);
CREATE INDEX sign_in_try_until ON sign_in_try (until);
