-- Dispatch rules: ordered, dated, authored conditions on the facts of a case; asked before the catalogue, the first that holds wins.

CREATE TABLE routing_rule (
    id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    place integer NOT NULL,
    name text NOT NULL CHECK (length(name) BETWEEN 1 AND 80),
    conditions jsonb NOT NULL CHECK (jsonb_typeof(conditions) = 'array'),
    unit text NOT NULL,
    co_handlers text[] NOT NULL DEFAULT '{}' CHECK (cardinality(co_handlers) <= 8),
    urgency text NOT NULL DEFAULT '' CHECK (urgency IN ('', 'normal', 'urgent', 'critical')),
    by_hand boolean NOT NULL DEFAULT false,
    note text NOT NULL DEFAULT '' CHECK (length(note) <= 500),
    valid_from date NOT NULL,
    valid_to date CHECK (valid_to >= valid_from),
    state text NOT NULL CHECK (state IN ('draft', 'live', 'off', 'faulty')),
    fault text NOT NULL DEFAULT '',
    version integer NOT NULL CHECK (version >= 1),
    author uuid NOT NULL,
    changed_at timestamptz NOT NULL,
    UNIQUE (place) DEFERRABLE INITIALLY DEFERRED,
    CHECK (by_hand = (unit = '')),
    CHECK ((state = 'faulty') = (fault <> ''))
);

COMMENT ON COLUMN routing_rule.id IS 'The rule''s number for people and for the record of a dispatch (rule:3); it never changes, the place does';
COMMENT ON COLUMN routing_rule.unit IS 'A unit''s code, @place, @department, @superior, or empty with by_hand';

-- Every version a rule ever had, in whole: what stood in force on the day of a dispatch can be read again.
CREATE TABLE routing_rule_version (
    rule integer NOT NULL REFERENCES routing_rule ON DELETE RESTRICT,
    version integer NOT NULL,
    what text NOT NULL CHECK (what IN ('saved', 'live', 'off', 'faulty')),
    content jsonb NOT NULL,
    reason text NOT NULL DEFAULT '' CHECK (length(reason) <= 500),
    author uuid NOT NULL,
    at timestamptz NOT NULL,
    PRIMARY KEY (rule, version)
);

COMMENT ON COLUMN routing_rule_version.reason IS 'Why it went live although its trial warned';

CREATE TRIGGER routing_changed AFTER INSERT OR UPDATE OR DELETE ON routing_rule
    FOR EACH STATEMENT EXECUTE FUNCTION routing_changed();

-- How often each rule decided: by what dispatched, and by what left a case to a person.
CREATE INDEX assignment_by_rule ON assignment (basis) WHERE basis LIKE 'rule:%';

-- Online cases that the classifier was not yet asked about; weighing is done once a case and stands in its ledger.
ALTER TABLE cases ADD COLUMN is_weighed boolean NOT NULL DEFAULT false;
CREATE INDEX cases_unweighed ON cases (opened_at) WHERE state = 'registered' AND NOT is_weighed AND is_open;
