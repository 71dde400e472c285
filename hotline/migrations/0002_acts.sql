-- The second chained log: acts that are no case's, such as a sign-in, an unmasking, an export (rules.md 5).

CREATE TABLE act (
    seq bigint PRIMARY KEY CHECK (seq >= 1),
    at timestamptz NOT NULL,
    actor uuid NOT NULL,
    actor_kind text NOT NULL CHECK (actor_kind IN ('staff', 'citizen', 'system')),
    kind text NOT NULL CHECK (kind <> ''),
    subject text NOT NULL,
    data text NOT NULL,
    prev bytea NOT NULL UNIQUE CHECK (octet_length(prev) = 32),
    hash bytea NOT NULL CHECK (octet_length(hash) = 32)
);

CREATE INDEX act_kind ON act (kind, seq);
CREATE INDEX act_actor ON act (actor, seq);
CREATE INDEX act_subject ON act (subject, seq) WHERE subject <> '';

-- The end of the chain: the row that writers queue on, and what a cut tail is seen by.
CREATE TABLE act_head (
    one boolean PRIMARY KEY DEFAULT true CHECK (one),
    last_seq bigint NOT NULL CHECK (last_seq >= 0),
    last_hash bytea NOT NULL CHECK (octet_length(last_hash) = 32)
);

INSERT INTO act_head (last_seq, last_hash) VALUES (0, decode(repeat('00', 32), 'hex'));

CREATE FUNCTION act_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% on % refused: the log of acts is append-only', TG_OP, TG_TABLE_NAME
        USING ERRCODE = 'insufficient_privilege';
END $$;

CREATE TRIGGER act_unchanged BEFORE UPDATE OR DELETE ON act FOR EACH ROW EXECUTE FUNCTION act_refuse();
CREATE TRIGGER act_whole BEFORE TRUNCATE ON act EXECUTE FUNCTION act_refuse();
CREATE TRIGGER act_head_kept BEFORE DELETE ON act_head FOR EACH ROW EXECUTE FUNCTION act_refuse();
CREATE TRIGGER act_head_whole BEFORE TRUNCATE ON act_head EXECUTE FUNCTION act_refuse();
CREATE TRIGGER act_head_forward BEFORE UPDATE ON act_head FOR EACH ROW
    WHEN (NEW.last_seq <> OLD.last_seq + 1) EXECUTE FUNCTION act_refuse();
