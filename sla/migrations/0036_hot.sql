-- Hot issues that the detector found, monthly themes with plan, cases and answer, and tasks before complaints.

CREATE TABLE hot_issue (
    id uuid PRIMARY KEY,
    number text NOT NULL UNIQUE,
    matter text NOT NULL CHECK (matter ~ '^[0-9]{4}([0-9]{2})?$'),
    kind text NOT NULL CHECK (kind IN ('township', 'county', 'city')),
    area text NOT NULL CHECK (area <> ''),
    county text NOT NULL,
    state text NOT NULL CHECK (state IN ('new', 'watched', 'theme', 'task', 'dismissed', 'over')),
    level smallint NOT NULL CHECK (level BETWEEN 1 AND 3),
    told_level smallint NOT NULL DEFAULT 0 CHECK (told_level BETWEEN 0 AND 3),
    found_at timestamptz NOT NULL,
    seen_at timestamptz NOT NULL,
    hours integer NOT NULL CHECK (hours IN (3, 24, 168)),
    observed integer NOT NULL CHECK (observed > 0),
    expected double precision NOT NULL CHECK (expected >= 0),
    low integer NOT NULL,
    high integer NOT NULL,
    chance double precision NOT NULL CHECK (chance > 0 AND chance <= 1),
    requesters integer NOT NULL CHECK (requesters >= 0),
    repeats integer NOT NULL CHECK (repeats >= 0),
    season double precision NOT NULL DEFAULT 1,
    points jsonb NOT NULL CHECK (jsonb_typeof(points) = 'array'),
    words jsonb NOT NULL CHECK (jsonb_typeof(words) = 'array'),
    places jsonb NOT NULL CHECK (jsonb_typeof(places) = 'array'),
    settled_at timestamptz,
    settled_by uuid,
    reason text,
    CHECK ((state IN ('new', 'over')) OR settled_at IS NOT NULL),
    CHECK (state <> 'dismissed' OR reason <> '')
);
-- One row for what goes on; what was dismissed stays its row until it is over.
CREATE UNIQUE INDEX hot_issue_live ON hot_issue (matter, area) WHERE state <> 'over';
CREATE INDEX hot_issue_state ON hot_issue (state, level DESC, seen_at DESC) WHERE state <> 'over';
CREATE INDEX hot_issue_seen ON hot_issue (seen_at DESC);

CREATE TABLE theme (
    id uuid PRIMARY KEY,
    number text NOT NULL UNIQUE,
    slug text NOT NULL UNIQUE CHECK (slug ~ '^[0-9]{4}-[0-9]+$'),
    month date NOT NULL CHECK (extract(day FROM month) = 1),
    title text NOT NULL CHECK (length(title) BETWEEN 1 AND 60),
    why text NOT NULL CHECK (why <> ''),
    grade text NOT NULL CHECK (grade IN ('city', 'department', 'county')),
    unit text NOT NULL CHECK (unit <> ''),
    matters text[] NOT NULL CHECK (cardinality(matters) > 0),
    areas text[] NOT NULL,
    since date NOT NULL,
    until date,
    baseline integer NOT NULL CHECK (baseline >= 0),
    issue_id uuid REFERENCES hot_issue ON DELETE RESTRICT,
    state text NOT NULL CHECK (state IN ('open', 'closed', 'dropped')),
    revision integer NOT NULL DEFAULT 1,
    made_at timestamptz NOT NULL,
    made_by uuid NOT NULL,
    published_at timestamptz,
    published_by uuid,
    answer text,
    answer_sources text NOT NULL DEFAULT '',
    answer_by uuid,
    answer_at timestamptz,
    approved_at timestamptz,
    approved_by uuid,
    closing text,
    closed_at timestamptz,
    closed_by uuid,
    CHECK (until IS NULL OR until >= since),
    CHECK ((approved_at IS NULL) = (approved_by IS NULL)),
    CHECK (approved_at IS NULL OR (answer <> '' AND approved_by <> answer_by)),
    CHECK ((state = 'open') = (closed_at IS NULL)),
    CHECK (state = 'open' OR closing <> '')
);
CREATE INDEX theme_list ON theme (month DESC, number);
CREATE INDEX theme_unit ON theme (unit) WHERE state = 'open';
CREATE INDEX theme_public ON theme (published_at DESC) WHERE published_at IS NOT NULL;

CREATE TABLE theme_step (
    id uuid PRIMARY KEY,
    theme_id uuid NOT NULL REFERENCES theme ON DELETE RESTRICT,
    no integer NOT NULL CHECK (no >= 1),
    what text NOT NULL CHECK (what <> ''),
    unit text NOT NULL CHECK (unit <> ''),
    due_at timestamptz NOT NULL,
    done_at timestamptz,
    done_by uuid,
    note text NOT NULL DEFAULT '',
    told smallint NOT NULL DEFAULT 0 CHECK (told BETWEEN 0 AND 2),
    UNIQUE (theme_id, no),
    CHECK ((done_at IS NULL) = (done_by IS NULL))
);
CREATE INDEX theme_step_due ON theme_step (due_at) WHERE done_at IS NULL;
CREATE INDEX theme_step_unit ON theme_step (unit, due_at) WHERE done_at IS NULL;

CREATE TABLE theme_progress (
    id uuid PRIMARY KEY,
    theme_id uuid NOT NULL REFERENCES theme ON DELETE RESTRICT,
    at timestamptz NOT NULL,
    by uuid NOT NULL,
    unit text NOT NULL,
    words text NOT NULL CHECK (words <> ''),
    is_public boolean NOT NULL,
    passed_by uuid,
    CHECK (NOT is_public OR passed_by IS NOT NULL)
);
CREATE INDEX theme_progress_theme ON theme_progress (theme_id, at DESC);

-- The cases that a theme answers: put in by its rule or by hand; one taken out by hand stays out.
CREATE TABLE theme_case (
    theme_id uuid NOT NULL REFERENCES theme ON DELETE RESTRICT,
    case_id uuid NOT NULL REFERENCES cases ON DELETE RESTRICT,
    is_by_hand boolean NOT NULL,
    at timestamptz NOT NULL,
    by uuid,
    left_at timestamptz,
    left_by uuid,
    PRIMARY KEY (theme_id, case_id),
    CHECK (NOT is_by_hand OR by IS NOT NULL)
);
CREATE INDEX theme_case_case ON theme_case (case_id) WHERE left_at IS NULL;

-- Who was sent the official answer; the event is on the case that held the request then.
CREATE TABLE theme_answer (
    theme_id uuid NOT NULL REFERENCES theme ON DELETE RESTRICT,
    request_id uuid NOT NULL REFERENCES request ON DELETE RESTRICT,
    case_id uuid NOT NULL REFERENCES cases ON DELETE RESTRICT,
    at timestamptz NOT NULL,
    PRIMARY KEY (theme_id, request_id)
);
CREATE INDEX theme_answer_case ON theme_answer (case_id);

CREATE TABLE proactive_task (
    id uuid PRIMARY KEY,
    number text NOT NULL UNIQUE,
    source text NOT NULL CHECK (source IN ('issue', 'season', 'repeat', 'own')),
    issue_id uuid REFERENCES hot_issue ON DELETE RESTRICT,
    matter text NOT NULL CHECK (matter ~ '^[0-9]{4}([0-9]{2})?$'),
    area text NOT NULL,
    unit text NOT NULL CHECK (unit <> ''),
    what text NOT NULL CHECK (what <> ''),
    why text NOT NULL CHECK (why <> ''),
    state text NOT NULL CHECK (state IN ('open', 'replied', 'closed', 'dropped')),
    made_at timestamptz NOT NULL,
    made_by uuid NOT NULL,
    due_at timestamptz NOT NULL,
    reply text,
    replied_at timestamptz,
    replied_by uuid,
    returned text,
    closing text,
    closed_at timestamptz,
    closed_by uuid,
    told smallint NOT NULL DEFAULT 0 CHECK (told BETWEEN 0 AND 3),
    CHECK ((source = 'issue') = (issue_id IS NOT NULL)),
    CHECK (state NOT IN ('replied', 'closed') OR reply <> ''),
    CHECK ((state IN ('closed', 'dropped')) = (closed_at IS NOT NULL)),
    CHECK (closed_at IS NULL OR closing <> '')
);
CREATE INDEX proactive_task_made ON proactive_task (made_at DESC);
CREATE INDEX proactive_task_unit ON proactive_task (unit, due_at) WHERE state = 'open';
CREATE INDEX proactive_task_due ON proactive_task (due_at) WHERE state = 'open';

-- What the detector reads of the past: when, which matter, where; never a sealed case.
CREATE INDEX cases_hot ON cases (opened_at) INCLUDE (matter, county, township)
    WHERE matter IS NOT NULL AND kind <> 'report' AND NOT is_confidential;
