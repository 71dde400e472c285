-- Exposure and correction whole: sources besides a case, the cases behind each, errata, evidence, the sweep of what is
-- due, a rating by those concerned, and news for subscribers.

ALTER TABLE notice DROP CONSTRAINT notice_source_kind_check;
ALTER TABLE notice ADD CONSTRAINT notice_source_kind_check
    CHECK (source_kind IN ('case', 'order', 'finding', 'cluster', 'notice'));
ALTER TABLE notice DROP CONSTRAINT notice_state_check;
ALTER TABLE notice ADD CONSTRAINT notice_state_check CHECK (state IN ('draft', 'in_review', 'approved', 'published',
    'corrected', 'verified', 'archived', 'withdrawn', 'applied'));
ALTER TABLE notice
    ADD COLUMN source_number text NOT NULL DEFAULT '',
    ADD COLUMN why text,
    ADD COLUMN hides boolean NOT NULL DEFAULT FALSE,
    ADD COLUMN applied_at timestamptz,
    ADD COLUMN chase text CHECK (chase IN ('remind', 'overdue')),
    ADD COLUMN chase_at timestamptz,
    ADD COLUMN overdue_at timestamptz,
    ADD COLUMN rate_until timestamptz,
    ADD CONSTRAINT notice_chase CHECK ((chase IS NULL) = (chase_at IS NULL)),
    -- An erratum (勘误) is a notice whose source is a notice: it goes the whole way, then becomes its next version.
    ADD CONSTRAINT notice_erratum CHECK ((source_kind = 'notice') = (why IS NOT NULL)),
    ADD CONSTRAINT notice_applied CHECK ((state = 'applied') = (applied_at IS NOT NULL)
        AND (applied_at IS NULL OR source_kind = 'notice')),
    ADD CONSTRAINT notice_unpublished CHECK (source_kind <> 'notice' OR published_at IS NULL),
    ADD CONSTRAINT notice_applied_by_two CHECK (state <> 'applied' OR (approved_by IS NOT NULL AND cleared_by IS NOT NULL));

UPDATE notice SET source_number = (SELECT number FROM cases WHERE id = source_id) WHERE source_kind = 'case'
    AND EXISTS (SELECT FROM cases WHERE id = source_id);
UPDATE notice SET chase = 'overdue', chase_at = due_at WHERE state = 'published';

DROP INDEX notice_source;
CREATE UNIQUE INDEX notice_source ON notice (source_kind, source_id) WHERE state NOT IN ('withdrawn', 'applied');
CREATE INDEX notice_chased ON notice (chase_at, id) WHERE chase IS NOT NULL;

-- Every case that a notice is about: the gate compares its texts with all that each of them holds.
CREATE TABLE notice_case (
    notice_id uuid NOT NULL REFERENCES notice ON DELETE RESTRICT,
    case_id uuid NOT NULL REFERENCES cases ON DELETE RESTRICT,
    since timestamptz NOT NULL,
    PRIMARY KEY (notice_id, case_id)
);
CREATE INDEX notice_case_case ON notice_case (case_id);
INSERT INTO notice_case (notice_id, case_id, since)
    SELECT n.id, n.source_id, n.created_at FROM notice n JOIN cases c ON c.id = n.source_id WHERE n.source_kind = 'case';

-- What stood in the open, from when on, and why it was changed. An old text that may not be shown any more is hidden.
CREATE TABLE notice_release (
    notice_id uuid NOT NULL REFERENCES notice ON DELETE RESTRICT,
    version integer NOT NULL,
    at timestamptz NOT NULL,
    erratum_id uuid REFERENCES notice ON DELETE RESTRICT,
    why text NOT NULL DEFAULT '',
    is_hidden boolean NOT NULL DEFAULT FALSE,
    PRIMARY KEY (notice_id, version),
    FOREIGN KEY (notice_id, version) REFERENCES notice_version ON DELETE RESTRICT,
    CHECK ((erratum_id IS NULL) = (why = ''))
);
CREATE INDEX notice_release_erratum ON notice_release (at DESC) WHERE erratum_id IS NOT NULL;
INSERT INTO notice_release (notice_id, version, at)
    SELECT id, version, published_at FROM notice WHERE published_at IS NOT NULL;

-- Evidence of a correction. Nobody outside sees a file before one person has looked at it and another has checked that.
CREATE TABLE notice_file (
    id uuid PRIMARY KEY REFERENCES attachment ON DELETE RESTRICT,
    notice_id uuid NOT NULL REFERENCES notice ON DELETE RESTRICT,
    position integer NOT NULL CHECK (position >= 1),
    media_type text NOT NULL,
    state text NOT NULL CHECK (state IN ('new', 'clean', 'checked', 'kept_back', 'dropped')),
    added_by uuid NOT NULL,
    added_at timestamptz NOT NULL,
    looked_by uuid,
    looked_at timestamptz,
    reason text NOT NULL DEFAULT '',
    checked_by uuid,
    checked_at timestamptz,
    UNIQUE (notice_id, position),
    CHECK (looked_by <> added_by),
    CHECK (checked_by <> added_by),
    CHECK (checked_by <> looked_by),
    CHECK (state NOT IN ('clean', 'checked') OR looked_by IS NOT NULL),
    CHECK (state <> 'checked' OR checked_by IS NOT NULL),
    CHECK (state <> 'kept_back' OR reason <> '')
);

-- One grade by each of those concerned. Who gave which is told to nobody; in the open stand sums of five and more.
CREATE TABLE notice_rating (
    notice_id uuid NOT NULL REFERENCES notice ON DELETE RESTRICT,
    request_id uuid NOT NULL REFERENCES request ON DELETE RESTRICT,
    case_id uuid NOT NULL REFERENCES cases ON DELETE RESTRICT,
    grade text NOT NULL CHECK (grade IN ('satisfied', 'basically_satisfied', 'neutral', 'dissatisfied')),
    words bytea,
    at timestamptz NOT NULL,
    followed_by uuid,
    followed_at timestamptz,
    follow_note text NOT NULL DEFAULT '',
    PRIMARY KEY (notice_id, request_id),
    CHECK ((followed_at IS NULL) = (followed_by IS NULL)),
    CHECK (followed_at IS NULL OR follow_note <> '')
);
CREATE INDEX notice_rating_bad ON notice_rating (at, notice_id) WHERE grade = 'dissatisfied' AND followed_at IS NULL;

-- What subscribers are told of, once.
CREATE TABLE notice_news (
    notice_id uuid NOT NULL REFERENCES notice ON DELETE RESTRICT,
    what text NOT NULL CHECK (what IN ('published', 'verified')),
    at timestamptz NOT NULL,
    told_at timestamptz,
    PRIMARY KEY (notice_id, what)
);
CREATE INDEX notice_news_untold ON notice_news (at) WHERE told_at IS NULL;
