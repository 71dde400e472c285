-- A bad rating may be appealed once; one that waits is reminded of; ratings that come from elsewhere stand apart.

ALTER TABLE rating
    ADD COLUMN appeal_state text CHECK (appeal_state IN ('open', 'upheld', 'refused')),
    ADD COLUMN appeal_ground text,
    ADD COLUMN appealed_at timestamptz,
    ADD COLUMN appealed_by uuid,
    ADD COLUMN appeal_decided_at timestamptz,
    ADD COLUMN appeal_decided_by uuid,
    ADD CONSTRAINT rating_appeal CHECK (num_nonnulls(appeal_state, appeal_ground, appealed_at, appealed_by) IN (0, 4)),
    ADD CONSTRAINT rating_appeal_decided CHECK (
        num_nonnulls(appeal_decided_at, appeal_decided_by) IN (0, 2)
        AND (appeal_decided_at IS NOT NULL) = (coalesce(appeal_state, '') IN ('upheld', 'refused'))
    );
CREATE INDEX rating_appeal_waits ON rating (appealed_at, id) WHERE appeal_state = 'open' AND annulled_at IS NULL;
CREATE INDEX rating_appealed ON rating (unit, appealed_at) WHERE appealed_at IS NOT NULL;

ALTER TABLE rectification ADD COLUMN warned_at timestamptz, ADD COLUMN late_at timestamptz;
CREATE INDEX rectification_untold ON rectification (due_at) WHERE ended_at IS NULL AND late_at IS NULL;

CREATE TABLE rating_import (
    id uuid PRIMARY KEY,
    kind text NOT NULL CHECK (kind IN ('body', 'counter', 'third')),
    source text NOT NULL CHECK (source <> ''),
    file text NOT NULL,
    digest bytea NOT NULL,
    at timestamptz NOT NULL,
    by uuid NOT NULL,
    read integer NOT NULL CHECK (read >= 0),
    made integer NOT NULL CHECK (made >= 0),
    known integer NOT NULL CHECK (known >= 0),
    refused jsonb NOT NULL CHECK (jsonb_typeof(refused) = 'array')
);
CREATE INDEX rating_import_at ON rating_import (at DESC);

-- Never among the ratings of cases. ``raw`` and ``scale`` as they came, ``grade`` one of our four, or a score to 100.
CREATE TABLE outside_rating (
    id uuid PRIMARY KEY,
    import_id uuid NOT NULL REFERENCES rating_import ON DELETE RESTRICT,
    kind text NOT NULL CHECK (kind IN ('body', 'counter', 'third')),
    source text NOT NULL,
    source_no text NOT NULL CHECK (source_no <> ''),
    unit text NOT NULL,
    place text NOT NULL DEFAULT '',
    day date NOT NULL,
    scale text NOT NULL CHECK (scale IN ('four', 'five', 'hundred')),
    raw text NOT NULL,
    grade text CHECK (grade IN ('satisfied', 'basically_satisfied', 'neutral', 'dissatisfied')),
    score numeric(5, 2) CHECK (score BETWEEN 0 AND 100),
    UNIQUE (source, source_no),
    CHECK ((scale = 'hundred') = (score IS NOT NULL)),
    CHECK ((grade IS NULL) = (score IS NOT NULL))
);
CREATE INDEX outside_rating_day ON outside_rating (kind, day, unit);
CREATE INDEX outside_rating_import ON outside_rating (import_id);
