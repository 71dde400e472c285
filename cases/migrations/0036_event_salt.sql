-- A salt an event, which blinds the parts of its hash so that a citizen's proof shows some of them (docs/adr/0032).
-- Events from before have none and keep the form of their hash.

ALTER TABLE case_event ADD COLUMN salt bytea CHECK (octet_length(salt) = 16);

COMMENT ON COLUMN case_event.salt IS 'Blinds the parts of the hash, form 2; NULL: form 1, everything hashed as it is';

DROP TRIGGER case_event_unchanged ON case_event;
CREATE TRIGGER case_event_unchanged BEFORE UPDATE ON case_event FOR EACH ROW
    WHEN (OLD.position IS NOT NULL OR NEW.position IS NULL
        OR (OLD.case_id, OLD.seq, OLD.kind, OLD.version, OLD.at, OLD.actor, OLD.actor_kind, OLD.unit, OLD.data,
            OLD.prev, OLD.hash, OLD.log, OLD.salt)
        IS DISTINCT FROM (NEW.case_id, NEW.seq, NEW.kind, NEW.version, NEW.at, NEW.actor, NEW.actor_kind, NEW.unit,
            NEW.data, NEW.prev, NEW.hash, NEW.log, NEW.salt))
    EXECUTE FUNCTION ledger_refuse();

-- The public list of roots goes by time over all logs.
CREATE INDEX ledger_seal_at ON ledger_seal (at, log, no);
