-- What an audit finds: ratings that do not stand, withdrawals that are checked, claims, and shares that count nowhere.

ALTER TABLE rating
    ADD COLUMN annulled_at timestamptz,
    ADD COLUMN annulled_by uuid,
    ADD COLUMN annulled_reason text,
    ADD CONSTRAINT rating_annulled CHECK (num_nonnulls(annulled_at, annulled_by, annulled_reason) IN (0, 3)),
    DROP CONSTRAINT rating_request_id_key;
CREATE UNIQUE INDEX rating_standing ON rating (request_id) WHERE annulled_at IS NULL;
CREATE INDEX rating_request ON rating (request_id);

-- The causes are in code (cases/rebuild.py, sla/records.py): several parts of the ladder and the audit write them.
ALTER TABLE supervision_record DROP CONSTRAINT supervision_record_cause_check;
ALTER TABLE supervision_record ADD CONSTRAINT supervision_record_cause_check CHECK (cause ~ '^[a-z_]{3,40}$');

ALTER TABLE request
    ADD COLUMN withdraw_state text
        CHECK (withdraw_state IN ('wished', 'to_check', 'free', 'kept', 'unreached', 'struck')),
    ADD COLUMN withdraw_at timestamptz,
    ADD COLUMN withdraw_unit text,
    ADD COLUMN withdraw_ledger text CHECK (withdraw_ledger IN ('unsolved', 'planned')),
    ADD CONSTRAINT request_withdrawal CHECK (withdraw_state IS NULL OR withdraw_at IS NOT NULL);
CREATE INDEX request_withdrawal_waits ON request (withdraw_at, id) WHERE withdraw_state IN ('wished', 'to_check');
CREATE INDEX request_withdrawal_ledger ON request (withdraw_ledger, withdraw_at, id) WHERE withdraw_state = 'kept';
CREATE INDEX request_withdrawal_at ON request (withdraw_at) WHERE withdraw_at IS NOT NULL;

ALTER TABLE assignment
    ADD COLUMN claim text CHECK (claim IN ('unreasonable', 'beyond_remit')),
    ADD COLUMN claim_state text CHECK (claim_state IN ('open', 'upheld', 'refused', 'reversed')),
    ADD COLUMN claimed_at timestamptz,
    ADD COLUMN claim_decided_by uuid,
    ADD COLUMN excluded text CHECK (excluded IN ('unreasonable', 'beyond_remit', 'withdrawn')),
    ADD CONSTRAINT assignment_claim CHECK (num_nonnulls(claim, claim_state, claimed_at) IN (0, 3));
CREATE INDEX assignment_claim_open ON assignment (claimed_at, id) WHERE claim_state = 'open';
CREATE INDEX assignment_claim_past ON assignment (claimed_at, id) WHERE claim_state IS NOT NULL;
