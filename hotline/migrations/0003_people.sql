-- People of the centre and of the units, what they were granted and when, their sessions, and the counter of tries.

CREATE TABLE person (
    id            uuid PRIMARY KEY,
    login         text NOT NULL CHECK (login = lower(login) AND login ~ '^[a-z0-9][a-z0-9._@-]{1,63}$'),
    name          text NOT NULL CHECK (length(name) BETWEEN 1 AND 60),
    password_hash text NOT NULL DEFAULT '' CHECK (password_hash = '' OR password_hash LIKE '$argon2id$%'),
    unit          text NOT NULL DEFAULT '',
    jurisdiction  text NOT NULL DEFAULT '',
    lang          text NOT NULL DEFAULT 'zh' CHECK (lang IN ('zh', 'en')),
    is_active     boolean NOT NULL DEFAULT true,
    created_at    timestamptz NOT NULL DEFAULT now(),
    left_at       timestamptz,
    version       integer NOT NULL DEFAULT 1,
    CHECK (is_active = (left_at IS NULL))
);
CREATE UNIQUE INDEX person_login ON person (login);
CREATE INDEX person_unit ON person (unit) WHERE is_active;

-- A grant is never changed but for its last day: who held which role on which day stays answerable.
CREATE TABLE role_grant (
    id         uuid PRIMARY KEY,
    person_id  uuid NOT NULL REFERENCES person (id) ON DELETE RESTRICT,
    role       text NOT NULL,
    valid_from date NOT NULL,
    valid_to   date,
    granted_by uuid,
    CHECK (valid_to IS NULL OR valid_to >= valid_from - 1)
);
CREATE UNIQUE INDEX role_grant_open ON role_grant (person_id, role) WHERE valid_to IS NULL;
CREATE INDEX role_grant_person ON role_grant (person_id);

-- The browser holds the token, the table only its SHA-256: a copy of the table signs nobody in.
CREATE TABLE session (
    token_hash   bytea PRIMARY KEY CHECK (length(token_hash) = 32),
    id           uuid NOT NULL UNIQUE,
    person_id    uuid NOT NULL REFERENCES person (id) ON DELETE RESTRICT,
    created_at   timestamptz NOT NULL,
    last_seen_at timestamptz NOT NULL,
    expires_at   timestamptz NOT NULL
);
CREATE INDEX session_person ON session (person_id);
CREATE INDEX session_expires ON session (expires_at);

-- Tries within a window, by purpose and hashed subject (a login and address, a receipt number): see hotline/tries.py.
CREATE UNLOGGED TABLE try_count (
    purpose text NOT NULL,
    subject bytea NOT NULL,
    tries   integer NOT NULL,
    until   timestamptz NOT NULL,
    PRIMARY KEY (purpose, subject)
);
CREATE INDEX try_count_until ON try_count (until);
