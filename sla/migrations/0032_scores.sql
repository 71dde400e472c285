-- Scoring: versions of formulas, frozen sheets with all their inputs, appeals, and what is shown with honour or warning.

-- A version is in force from a month on until the next. Never changed: a sheet of years ago names it.
CREATE TABLE score_formula (
    id uuid PRIMARY KEY,
    preset text NOT NULL CHECK (preset ~ '^[a-z][a-z0-9-]{0,39}$'),
    version integer NOT NULL CHECK (version >= 1),
    begins date NOT NULL CHECK (extract(day FROM begins) = 1),
    body text NOT NULL,
    hash bytea NOT NULL CHECK (length(hash) = 32),
    note text NOT NULL CHECK (note <> ''),
    made_at timestamptz NOT NULL,
    made_by uuid NOT NULL,
    UNIQUE (preset, version)
);
CREATE TRIGGER score_formula_kept BEFORE UPDATE OR DELETE ON score_formula
    FOR EACH ROW EXECUTE FUNCTION ledger_refuse();
CREATE TRIGGER score_formula_whole BEFORE TRUNCATE ON score_formula EXECUTE FUNCTION ledger_refuse();

CREATE TABLE score_sheet (
    id uuid PRIMARY KEY,
    preset text NOT NULL,
    period text NOT NULL CHECK (period ~ '^[0-9]{4}(-(0[1-9]|1[0-2]|Q[1-4]))?$'),
    revision integer NOT NULL CHECK (revision >= 1),
    body text NOT NULL,
    hash bytea NOT NULL CHECK (length(hash) = 32),
    formula_id uuid REFERENCES score_formula ON DELETE RESTRICT,
    reason text NOT NULL DEFAULT '',
    appeal_id uuid,
    frozen_at timestamptz NOT NULL,
    frozen_by uuid NOT NULL,
    UNIQUE (preset, period, revision),
    CHECK ((revision = 1) = (appeal_id IS NULL)),
    CHECK ((revision = 1) = (reason = ''))
);
COMMENT ON TABLE score_sheet IS 'A published sheet as canonical JSON; an upheld appeal adds a revision, none is changed';
COMMENT ON COLUMN score_sheet.formula_id IS 'The version by which it was made; null for the formula that is shipped';
CREATE TRIGGER score_sheet_kept BEFORE UPDATE OR DELETE ON score_sheet FOR EACH ROW EXECUTE FUNCTION ledger_refuse();
CREATE TRIGGER score_sheet_whole BEFORE TRUNCATE ON score_sheet EXECUTE FUNCTION ledger_refuse();

CREATE TABLE score_appeal (
    id uuid PRIMARY KEY,
    sheet_id uuid NOT NULL REFERENCES score_sheet ON DELETE RESTRICT,
    unit text NOT NULL,
    item text NOT NULL,
    ground text NOT NULL CHECK (ground <> ''),
    asked_at timestamptz NOT NULL,
    asked_by uuid NOT NULL,
    outcome text CHECK (outcome IN ('upheld', 'refused')),
    points numeric CHECK (points > 0),
    reason text NOT NULL DEFAULT '',
    decided_at timestamptz,
    decided_by uuid,
    UNIQUE (sheet_id, unit, item),
    CHECK ((decided_at IS NULL) = (outcome IS NULL) AND (decided_at IS NULL) = (decided_by IS NULL)),
    CHECK ((outcome IS NOT DISTINCT FROM 'upheld') = (points IS NOT NULL)),
    CHECK (decided_at IS NULL OR reason <> ''),
    CHECK (decided_by <> asked_by)
);
CREATE INDEX score_appeal_open ON score_appeal (asked_at) WHERE decided_at IS NULL;
CREATE INDEX score_appeal_unit ON score_appeal (unit, asked_at DESC);
ALTER TABLE score_sheet ADD FOREIGN KEY (appeal_id) REFERENCES score_appeal ON DELETE RESTRICT;

-- The black list of a sheet is shown outside the house only once somebody else than who froze it said so.
CREATE TABLE score_black_list (
    sheet_id uuid PRIMARY KEY REFERENCES score_sheet ON DELETE RESTRICT,
    approved_at timestamptz NOT NULL,
    approved_by uuid NOT NULL
);

-- The honour list: counts and one sentence, never a text of a case.
CREATE TABLE honour (
    id uuid PRIMARY KEY,
    kind text NOT NULL CHECK (kind IN ('praise', 'score')),
    unit text NOT NULL,
    period text NOT NULL,
    preset text NOT NULL DEFAULT '',
    amount numeric NOT NULL,
    sentence_zh text NOT NULL CHECK (length(sentence_zh) BETWEEN 4 AND 200),
    sentence_en text NOT NULL CHECK (length(sentence_en) BETWEEN 4 AND 400),
    proposed_at timestamptz NOT NULL,
    proposed_by uuid NOT NULL,
    approved_at timestamptz,
    approved_by uuid,
    withdrawn_at timestamptz,
    withdrawn_by uuid,
    reason text NOT NULL DEFAULT '',
    CHECK ((approved_at IS NULL) = (approved_by IS NULL)),
    CHECK (approved_by <> proposed_by),
    CHECK ((withdrawn_at IS NULL) = (withdrawn_by IS NULL) AND (withdrawn_at IS NULL) = (reason = ''))
);
CREATE UNIQUE INDEX honour_once ON honour (kind, unit, period, preset) WHERE withdrawn_at IS NULL;
CREATE INDEX honour_waits ON honour (proposed_at) WHERE approved_at IS NULL AND withdrawn_at IS NULL;
