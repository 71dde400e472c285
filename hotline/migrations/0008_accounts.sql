-- Citizens' and enterprises' accounts (seed 004-17 to 004-20), their sessions and six-digit codes. Names and numbers are
-- sealed, the number is found by its blind index. What was looked at in person: the kind of document and its last four
-- characters, nothing more.

CREATE TABLE account (
    id uuid PRIMARY KEY,
    code text NOT NULL UNIQUE CHECK (code ~ '^[2-9A-HJ-NP-Z]{8}$'),
    kind text NOT NULL CHECK (kind IN ('person', 'enterprise')),
    state text NOT NULL CHECK (state IN ('pending', 'verified', 'suspended', 'closed')),
    is_confirmed boolean NOT NULL DEFAULT false,
    phone bytea,
    phone_index bytea,
    name bytea,
    company bytea,
    organisation_code text CHECK (organisation_code ~ '^[0-9A-Z]{18}$'),
    password_hash text NOT NULL DEFAULT '' CHECK (password_hash = '' OR password_hash LIKE '$argon2id$%'),
    portal text,
    lang text NOT NULL DEFAULT 'zh' CHECK (lang IN ('zh', 'en')),
    registered_at timestamptz NOT NULL,
    registered_by uuid REFERENCES person ON DELETE RESTRICT,
    verified_at timestamptz,
    verified_by uuid REFERENCES person ON DELETE RESTRICT,
    document text,
    document_tail text CHECK (document_tail ~ '^[0-9A-Z]{4}$'),
    reason text NOT NULL DEFAULT '',
    closed_at timestamptz,
    version integer NOT NULL DEFAULT 1,
    CHECK ((kind = 'enterprise') = (organisation_code IS NOT NULL) OR state = 'closed'),
    CHECK ((state = 'closed') = (closed_at IS NOT NULL)),
    CHECK ((state = 'closed') = (num_nonnulls(phone, phone_index, name) = 0)),
    CHECK (num_nonnulls(phone, phone_index, name) IN (0, 3)),
    CHECK (state NOT IN ('verified', 'suspended') OR num_nonnulls(verified_at, verified_by, document, document_tail) = 4),
    CHECK (state <> 'verified' OR is_confirmed)
);

COMMENT ON COLUMN account.code IS 'The short registration code that one shows at the counter';
COMMENT ON COLUMN account.is_confirmed IS 'The number was answered from: by a code sent to it, or at the counter';

-- Only who has answered from a number holds it: anybody may type somebody else's.
CREATE UNIQUE INDEX account_number ON account (phone_index) WHERE is_confirmed AND state <> 'closed';
CREATE INDEX account_phone ON account (phone_index, registered_at) WHERE phone_index IS NOT NULL;
CREATE INDEX account_unconfirmed ON account (registered_at) WHERE NOT is_confirmed AND state = 'pending';

CREATE TABLE account_session (
    token_hash bytea PRIMARY KEY CHECK (length(token_hash) = 32),
    id uuid NOT NULL UNIQUE,
    account_id uuid NOT NULL REFERENCES account ON DELETE CASCADE,
    created_at timestamptz NOT NULL,
    last_seen_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    device text NOT NULL CHECK (device IN ('phone', 'computer'))
);
CREATE INDEX account_session_account ON account_session (account_id);
CREATE INDEX account_session_expires ON account_session (expires_at);

-- One code per purpose; a new one takes the place of the last. `phone` is the new number that a change is waiting for.
CREATE TABLE account_code (
    account_id uuid NOT NULL REFERENCES account ON DELETE CASCADE,
    purpose text NOT NULL CHECK (purpose IN ('confirm', 'reset', 'number')),
    code_index bytea NOT NULL,
    phone bytea,
    expires_at timestamptz NOT NULL,
    PRIMARY KEY (account_id, purpose)
);
CREATE INDEX account_code_expires ON account_code (expires_at);
