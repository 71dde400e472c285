-- Exposure and correction (曝光纠错): a notice drawn from a source, its versions and what was decided about each find.
-- The source is neutral (kind, id): a case now, other things later. Personal values are never here: they are looked up
-- in memory whenever a text is checked, and a decision keeps only a keyed digest of what it was about.

CREATE TABLE notice_counter (
    year integer PRIMARY KEY,
    last integer NOT NULL CHECK (last >= 0)
);

CREATE TABLE notice (
    id uuid PRIMARY KEY,
    number text UNIQUE,
    slug text UNIQUE,
    source_kind text NOT NULL CHECK (source_kind IN ('case')),
    source_id uuid NOT NULL,
    state text NOT NULL CHECK (state IN ('draft', 'in_review', 'approved', 'published', 'corrected', 'verified',
        'archived', 'withdrawn')),
    unit text NOT NULL,
    matter text NOT NULL,
    county text NOT NULL,
    township text,
    version integer NOT NULL CHECK (version >= 1),
    revision integer NOT NULL CHECK (revision >= 1),
    author uuid NOT NULL,
    created_at timestamptz NOT NULL,
    changed_at timestamptz NOT NULL,
    sent_at timestamptz,
    reply_until timestamptz,
    reply text,
    replied_by uuid,
    replied_at timestamptz,
    approved_by uuid,
    approved_at timestamptz,
    cleared_by uuid,
    cleared_at timestamptz,
    returned_reason text,
    published_by uuid,
    published_at timestamptz,
    due_at timestamptz,
    correction text,
    corrected_by uuid,
    corrected_at timestamptz,
    verification text,
    verified_by uuid,
    verified_at timestamptz,
    archived_at timestamptz,
    withdrawn_by uuid,
    withdrawn_at timestamptz,
    withdrawn_reason text,
    CHECK ((number IS NULL) = (published_at IS NULL)),
    CHECK ((number IS NULL) = (slug IS NULL)),
    CHECK ((published_at IS NULL) = (due_at IS NULL)),
    -- Two persons besides the author, and not the same one: the database knows it too.
    CHECK (approved_by <> author),
    CHECK (cleared_by <> author),
    CHECK (approved_by <> cleared_by),
    CHECK (published_at IS NULL OR (approved_by IS NOT NULL AND cleared_by IS NOT NULL)),
    CHECK (state NOT IN ('published', 'corrected', 'verified', 'archived') OR published_at IS NOT NULL),
    CHECK (state NOT IN ('corrected', 'verified') OR correction IS NOT NULL),
    CHECK ((state = 'withdrawn') = (withdrawn_at IS NOT NULL)),
    CHECK ((withdrawn_at IS NULL) = (withdrawn_reason IS NULL))
);

CREATE UNIQUE INDEX notice_source ON notice (source_kind, source_id) WHERE state <> 'withdrawn';
CREATE INDEX notice_state ON notice (state, changed_at);
CREATE INDEX notice_unit ON notice (unit, changed_at);
CREATE INDEX notice_public ON notice (published_at, id) WHERE published_at IS NOT NULL;

CREATE TABLE notice_version (
    notice_id uuid NOT NULL REFERENCES notice ON DELETE RESTRICT,
    version integer NOT NULL CHECK (version >= 1),
    wrong text NOT NULL,
    rule text NOT NULL,
    required text NOT NULL,
    written_by uuid NOT NULL,
    written_at timestamptz NOT NULL,
    frozen_at timestamptz,
    PRIMARY KEY (notice_id, version)
);

-- What was sent for review stays as it was sent.
CREATE FUNCTION keep_notice_version() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.frozen_at IS NULL AND TG_OP = 'UPDATE' THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'a version of a notice that was sent for review is never changed' USING ERRCODE = 'restrict_violation';
END $$;

CREATE TRIGGER notice_version_is_kept BEFORE UPDATE OR DELETE ON notice_version
    FOR EACH ROW EXECUTE FUNCTION keep_notice_version();

CREATE TABLE notice_find (
    id uuid PRIMARY KEY,
    notice_id uuid NOT NULL REFERENCES notice ON DELETE RESTRICT,
    version integer NOT NULL,
    field text NOT NULL,
    kind text NOT NULL,
    digest bytea NOT NULL,
    decision text NOT NULL CHECK (decision IN ('redact', 'keep')),
    reason text NOT NULL,
    decided_by uuid NOT NULL,
    decided_at timestamptz NOT NULL,
    CHECK (decision = 'redact' OR reason <> '')
);

CREATE INDEX notice_find_notice ON notice_find (notice_id, decided_at);
