-- Models that put words to matters: their versions, their figures on held-back cases, and who put which in service.
-- The weights stand here and nowhere else: a backup has them, and no file can be lost.

CREATE TABLE model (
    version text PRIMARY KEY CHECK (version ~ '^[a-z0-9.-]{1,40}$'),
    source text NOT NULL CHECK (source IN ('shipped', 'cases')),
    state text NOT NULL CHECK (state IN ('candidate', 'live', 'retired', 'refused')),
    asked_at timestamptz NOT NULL DEFAULT now(),
    asked_by uuid,
    claimed_until timestamptz,
    trained_at timestamptz,
    lessons integer NOT NULL DEFAULT 0 CHECK (lessons >= 0),
    lessons_hash text NOT NULL DEFAULT '',
    -- JSON of routing.figures: on the cases held back from training, beside the model that was live then.
    figures text NOT NULL DEFAULT '',
    against text REFERENCES model ON DELETE RESTRICT,
    against_figures text NOT NULL DEFAULT '',
    per_matter text NOT NULL DEFAULT '[]',
    confused text NOT NULL DEFAULT '[]',
    weights bytea,
    live_at timestamptz,
    live_by uuid,
    why text NOT NULL DEFAULT '',
    CHECK (state <> 'live' OR (live_at IS NOT NULL AND (source = 'shipped' OR weights IS NOT NULL))),
    CHECK (source <> 'shipped' OR weights IS NULL),
    CHECK ((state = 'candidate') = (trained_at IS NULL) OR source = 'shipped')
);

CREATE UNIQUE INDEX model_one_live ON model (state) WHERE state = 'live';
CREATE UNIQUE INDEX model_one_candidate ON model (state) WHERE state = 'candidate';

COMMENT ON COLUMN model.lessons_hash IS 'Of what it learned from: the same lessons are not learned twice';
COMMENT ON COLUMN model.weights IS 'routing.keeping; the shipped one stands in a file of the installation, a refused one keeps only its figures';
COMMENT ON COLUMN model.claimed_until IS 'A worker trains the candidate until then; another may take it up afterwards';
COMMENT ON COLUMN model.why IS 'A code of routing.models.WHYS, or the words of the person who put it in service';

-- The one that comes with the installation is in service from the first day.
INSERT INTO model (version, source, state, live_at) VALUES ('start', 'shipped', 'live', now());
