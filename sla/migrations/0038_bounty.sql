-- Bounties for found faults: campaigns, findings, payments; and points of a unit that come from no case.

CREATE TABLE bounty_campaign (
    id uuid PRIMARY KEY,
    name text NOT NULL CHECK (name <> ''),
    what text NOT NULL CHECK (what <> ''),
    starts date NOT NULL,
    ends date NOT NULL CHECK (ends >= starts),
    amount integer NOT NULL CHECK (amount > 0),
    points integer NOT NULL CHECK (points >= 0),
    units text[] NOT NULL DEFAULT '{}',
    made_at timestamptz NOT NULL,
    made_by uuid NOT NULL
);
CREATE INDEX bounty_campaign_days ON bounty_campaign (starts, ends);

-- Who found it is sealed and never public. ``first`` is the finding that this one repeats.
CREATE TABLE bounty_finding (
    id uuid PRIMARY KEY,
    number text NOT NULL UNIQUE,
    code_hash bytea NOT NULL,
    campaign_id uuid NOT NULL REFERENCES bounty_campaign ON DELETE RESTRICT,
    unit text NOT NULL,
    place text NOT NULL DEFAULT '',
    words text NOT NULL CHECK (words <> ''),
    filed_at timestamptz NOT NULL,
    filed_by uuid,
    account_id uuid,
    channel text NOT NULL CHECK (channel IN ('web', 'account', 'desk')),
    lang text NOT NULL DEFAULT 'zh',
    finder bytea NOT NULL,
    phone bytea NOT NULL,
    phone_index bytea NOT NULL,
    payee bytea,
    state text NOT NULL CHECK (state IN ('filed', 'confirmed', 'refused', 'duplicate', 'overturned')),
    first uuid REFERENCES bounty_finding ON DELETE RESTRICT,
    reviewed_at timestamptz,
    reviewed_by uuid,
    reason text NOT NULL DEFAULT '',
    amount integer CHECK (amount > 0),
    public_words text NOT NULL DEFAULT '',
    public_by uuid,
    published_at timestamptz,
    published_by uuid,
    appeal text,
    appealed_at timestamptz,
    appealed_by uuid,
    appeal_upheld boolean,
    appeal_reason text,
    appeal_decided_at timestamptz,
    appeal_decided_by uuid,
    CHECK ((state = 'duplicate') = (first IS NOT NULL)),
    CHECK ((state = 'filed') = (reviewed_at IS NULL)),
    CHECK (state NOT IN ('confirmed', 'overturned') OR amount IS NOT NULL),
    CHECK (num_nonnulls(appeal, appealed_at, appealed_by) IN (0, 3)),
    CHECK (num_nonnulls(appeal_upheld, appeal_reason, appeal_decided_at, appeal_decided_by) IN (0, 4)),
    CHECK (published_by IS NULL OR published_by <> public_by)
);
CREATE INDEX bounty_finding_waits ON bounty_finding (filed_at, id) WHERE state = 'filed';
CREATE INDEX bounty_finding_campaign ON bounty_finding (campaign_id, filed_at);
CREATE INDEX bounty_finding_unit ON bounty_finding (unit, filed_at);
CREATE INDEX bounty_finding_shown ON bounty_finding (published_at) WHERE published_at IS NOT NULL;
CREATE INDEX bounty_finding_appeal ON bounty_finding (appealed_at) WHERE appealed_at IS NOT NULL AND appeal_decided_at IS NULL;
CREATE INDEX bounty_finding_account ON bounty_finding (account_id) WHERE account_id IS NOT NULL;

-- One a finding for ever: a second payment is impossible, whatever the code does. ``payee`` is sealed.
CREATE TABLE bounty_payment (
    id uuid PRIMARY KEY,
    finding_id uuid NOT NULL UNIQUE REFERENCES bounty_finding ON DELETE RESTRICT,
    amount integer NOT NULL CHECK (amount > 0),
    payee bytea NOT NULL,
    means text NOT NULL,
    state text NOT NULL CHECK (state IN ('prepared', 'paid', 'stopped')),
    prepared_at timestamptz NOT NULL,
    prepared_by uuid NOT NULL,
    paid_at timestamptz,
    paid_by uuid,
    receipt_no text,
    stopped_at timestamptz,
    stopped_by uuid,
    recover_at timestamptz,
    recover_by uuid,
    recover_reason text,
    CHECK ((state = 'paid') = (paid_at IS NOT NULL)),
    CHECK (num_nonnulls(paid_at, paid_by, receipt_no) IN (0, 3)),
    CHECK ((state = 'stopped') = (stopped_at IS NOT NULL)),
    CHECK (num_nonnulls(stopped_at, stopped_by) IN (0, 2)),
    CHECK (num_nonnulls(recover_at, recover_by, recover_reason) IN (0, 3)),
    CHECK (recover_at IS NULL OR state = 'paid'),
    CHECK (paid_by IS NULL OR paid_by <> prepared_by)
);
CREATE INDEX bounty_payment_waits ON bounty_payment (prepared_at) WHERE state = 'prepared';
CREATE UNIQUE INDEX bounty_payment_receipt ON bounty_payment (receipt_no) WHERE receipt_no IS NOT NULL;

-- Points that a unit lost (positive) or got back (negative) for something that is no case's. Never changed.
CREATE TABLE unit_point (
    id uuid PRIMARY KEY,
    unit text NOT NULL,
    at timestamptz NOT NULL,
    cause text NOT NULL CHECK (cause ~ '^[a-z_]{3,40}$'),
    cause_id uuid NOT NULL,
    points integer NOT NULL CHECK (points <> 0),
    note text NOT NULL DEFAULT '',
    UNIQUE (cause, cause_id)
);
CREATE INDEX unit_point_unit ON unit_point (unit, at);
CREATE TRIGGER unit_point_kept BEFORE UPDATE OR DELETE ON unit_point FOR EACH ROW EXECUTE FUNCTION ledger_refuse();
CREATE TRIGGER unit_point_whole BEFORE TRUNCATE ON unit_point EXECUTE FUNCTION ledger_refuse();
