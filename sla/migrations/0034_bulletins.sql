-- Bulletins and special reports (通报、专报): drafts whose figures are computed, issues that are frozen and numbered.

CREATE TABLE bulletin (
    id uuid PRIMARY KEY,
    kind text NOT NULL CHECK (kind IN ('daily', 'weekly', 'monthly', 'quarterly', 'yearly', 'special', 'inspection')),
    audience text NOT NULL CHECK (audience IN ('internal', 'public')),
    first date NOT NULL,
    last date NOT NULL CHECK (last >= first),
    topic text NOT NULL DEFAULT '{}',
    state text NOT NULL CHECK (state IN ('draft', 'in_review', 'approved', 'issued', 'archived', 'dropped')),
    revision integer NOT NULL CHECK (revision >= 1),
    made_at timestamptz NOT NULL,
    made_by uuid NOT NULL,
    changed_at timestamptz NOT NULL,
    hands uuid[] NOT NULL,
    computed text NOT NULL,
    computed_at timestamptz NOT NULL,
    words text NOT NULL DEFAULT '{}',
    cited text[] NOT NULL DEFAULT '{}',
    kept text NOT NULL DEFAULT '[]',
    recipients text[] NOT NULL DEFAULT '{}',
    sent_at timestamptz,
    sent_by uuid,
    approved_at timestamptz,
    approved_by uuid,
    cleared_at timestamptz,
    cleared_by uuid,
    returned_reason text,
    supersedes uuid REFERENCES bulletin ON DELETE RESTRICT,
    reason text NOT NULL DEFAULT '',
    superseded_by uuid REFERENCES bulletin ON DELETE RESTRICT,
    number text UNIQUE,
    slug text UNIQUE,
    issued_at timestamptz,
    issued_by uuid,
    frozen text,
    hash bytea CHECK (octet_length(hash) = 32),
    archived_at timestamptz,
    archived_by uuid,
    CHECK (num_nonnulls(number, slug, issued_at, issued_by, frozen, hash) IN (0, 6)),
    CHECK ((state IN ('issued', 'archived')) = (issued_at IS NOT NULL)),
    CHECK ((state = 'archived') = (archived_at IS NOT NULL)),
    -- Two eyes on each, three on what the public reads; never those that wrote it.
    CHECK (issued_at IS NULL OR approved_by IS NOT NULL),
    CHECK (issued_at IS NULL OR audience = 'internal' OR cleared_by IS NOT NULL),
    CHECK (NOT approved_by = ANY (hands)),
    CHECK (NOT cleared_by = ANY (hands)),
    CHECK (approved_by <> cleared_by),
    CHECK ((supersedes IS NULL) = (reason = ''))
);

COMMENT ON COLUMN bulletin.computed IS 'The counted parts as JSON (sla/bulletin_document.py); locked once it is sent for review';
COMMENT ON COLUMN bulletin.frozen IS 'The whole issue as canonical JSON: page, PDF, Word and spreadsheet are made of it';
COMMENT ON COLUMN bulletin.kept IS 'Finds of the privacy gate that a person kept: keyed digests with their reasons';

-- Made twice it is the same draft; after an issue only an erratum, one at a time, may follow.
CREATE UNIQUE INDEX bulletin_erratum ON bulletin (supersedes) WHERE state <> 'dropped' AND supersedes IS NOT NULL;
CREATE UNIQUE INDEX bulletin_once ON bulletin (kind, audience, first, last, topic)
    WHERE state <> 'dropped' AND supersedes IS NULL;
CREATE INDEX bulletin_open ON bulletin (changed_at DESC) WHERE state IN ('draft', 'in_review', 'approved');
CREATE INDEX bulletin_issued ON bulletin (issued_at DESC, id) WHERE issued_at IS NOT NULL;
CREATE INDEX bulletin_public ON bulletin (issued_at DESC, id) WHERE issued_at IS NOT NULL AND audience = 'public';

-- What was issued is never edited: a mistake is corrected by an erratum that supersedes it.
CREATE FUNCTION keep_bulletin() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' THEN
        RAISE EXCEPTION 'a bulletin is never deleted' USING ERRCODE = 'restrict_violation';
    END IF;
    IF OLD.issued_at IS NOT NULL AND (NEW.frozen, NEW.hash, NEW.number, NEW.slug, NEW.issued_at, NEW.issued_by,
        NEW.audience, NEW.kind, NEW.first, NEW.last, NEW.words, NEW.computed) IS DISTINCT FROM (OLD.frozen, OLD.hash,
        OLD.number, OLD.slug, OLD.issued_at, OLD.issued_by, OLD.audience, OLD.kind, OLD.first, OLD.last, OLD.words,
        OLD.computed) THEN
        RAISE EXCEPTION 'an issued bulletin is never changed' USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER bulletin_is_kept BEFORE UPDATE OR DELETE ON bulletin FOR EACH ROW EXECUTE FUNCTION keep_bulletin();

-- What each rendering hashed to when it was first made: made again it must come out the same.
CREATE TABLE bulletin_file (
    bulletin_id uuid NOT NULL REFERENCES bulletin ON DELETE RESTRICT,
    format text NOT NULL CHECK (format IN ('html', 'pdf', 'docx', 'xlsx')),
    lang text NOT NULL CHECK (lang IN ('zh', 'en')),
    hash bytea NOT NULL CHECK (octet_length(hash) = 32),
    size integer NOT NULL CHECK (size > 0),
    made_at timestamptz NOT NULL,
    PRIMARY KEY (bulletin_id, format, lang)
);

-- To whom it went, and who signed that they read it.
CREATE TABLE bulletin_reader (
    bulletin_id uuid NOT NULL REFERENCES bulletin ON DELETE RESTRICT,
    unit text NOT NULL,
    told_at timestamptz NOT NULL,
    read_at timestamptz,
    read_by uuid,
    PRIMARY KEY (bulletin_id, unit),
    CHECK ((read_at IS NULL) = (read_by IS NULL))
);
CREATE INDEX bulletin_unread ON bulletin_reader (unit) WHERE read_at IS NULL;

-- Reminders of a period are counted without reading every event.
CREATE INDEX case_event_reminded ON case_event (at) WHERE kind IN ('reminded', 'overdue_told');
