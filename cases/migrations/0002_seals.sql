-- The seals of the ledger, and the locks on what may never change (rules.md 5).

CREATE TABLE ledger_seal (
    log text NOT NULL CHECK (log IN ('p', 'i', 'a')),
    no bigint NOT NULL CHECK (no >= 1),
    first_position bigint NOT NULL CHECK (first_position >= 1),
    last_position bigint NOT NULL,
    root bytea NOT NULL CHECK (octet_length(root) = 32),
    prev bytea NOT NULL CHECK (octet_length(prev) = 32),
    hash bytea NOT NULL CHECK (octet_length(hash) = 32),
    at timestamptz NOT NULL,
    key_id text NOT NULL,
    signature bytea NOT NULL,
    PRIMARY KEY (log, no),
    UNIQUE (log, prev),
    UNIQUE (log, first_position),
    CHECK (last_position >= first_position)
);

COMMENT ON TABLE ledger_seal IS
    'One signed Merkle root over a gap-free run of positions. log: p public, i internal, a acts that are no case''s';

-- What the sealer has not taken yet, oldest first; and no position twice.
CREATE INDEX case_event_unsealed ON case_event (log, at, case_id, seq) WHERE position IS NULL;
CREATE UNIQUE INDEX case_event_position ON case_event (log, position) WHERE position IS NOT NULL;

CREATE FUNCTION ledger_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% on % refused: the ledger is append-only', TG_OP, TG_TABLE_NAME
        USING ERRCODE = 'insufficient_privilege';
END $$;

CREATE TRIGGER case_event_kept BEFORE DELETE ON case_event FOR EACH ROW EXECUTE FUNCTION ledger_refuse();
CREATE TRIGGER case_event_whole BEFORE TRUNCATE ON case_event EXECUTE FUNCTION ledger_refuse();
-- The one change an event knows: the sealer gives it its position, once.
CREATE TRIGGER case_event_unchanged BEFORE UPDATE ON case_event FOR EACH ROW
    WHEN (OLD.position IS NOT NULL OR NEW.position IS NULL
        OR (OLD.case_id, OLD.seq, OLD.kind, OLD.version, OLD.at, OLD.actor, OLD.actor_kind, OLD.unit, OLD.data,
            OLD.prev, OLD.hash, OLD.log)
        IS DISTINCT FROM (NEW.case_id, NEW.seq, NEW.kind, NEW.version, NEW.at, NEW.actor, NEW.actor_kind, NEW.unit,
            NEW.data, NEW.prev, NEW.hash, NEW.log))
    EXECUTE FUNCTION ledger_refuse();

CREATE TRIGGER ledger_seal_kept BEFORE UPDATE OR DELETE ON ledger_seal FOR EACH ROW EXECUTE FUNCTION ledger_refuse();
CREATE TRIGGER ledger_seal_whole BEFORE TRUNCATE ON ledger_seal EXECUTE FUNCTION ledger_refuse();

CREATE TRIGGER case_text_kept BEFORE DELETE ON case_text FOR EACH ROW EXECUTE FUNCTION ledger_refuse();
CREATE TRIGGER case_text_whole BEFORE TRUNCATE ON case_text EXECUTE FUNCTION ledger_refuse();
-- A text knows two changes: erased under a rule, and sealed again under a newer key.
CREATE TRIGGER case_text_unchanged BEFORE UPDATE ON case_text FOR EACH ROW
    WHEN ((OLD.case_id, OLD.seq, OLD.field, OLD.audience, OLD.request_id)
        IS DISTINCT FROM (NEW.case_id, NEW.seq, NEW.field, NEW.audience, NEW.request_id)
        OR OLD.erased_at IS NOT NULL
        OR (NEW.erased_at IS NULL
            AND ((OLD.salt, OLD.value) IS DISTINCT FROM (NEW.salt, NEW.value) OR NEW.sealed IS NULL)))
    EXECUTE FUNCTION ledger_refuse();
