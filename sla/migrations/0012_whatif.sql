-- What was tried on past cases: who asked, what for, and what came out. A row is the job; a lost nudge loses nothing.

CREATE TABLE whatif_run (
    id uuid PRIMARY KEY,
    title text NOT NULL,
    asked_at timestamptz NOT NULL,
    asked_by uuid NOT NULL,
    scenario jsonb NOT NULL CHECK (jsonb_typeof(scenario) = 'object'),
    state text NOT NULL CHECK (state IN ('waiting', 'running', 'done', 'failed')),
    claimed_until timestamptz,
    read integer NOT NULL DEFAULT 0,
    total integer,
    finished_at timestamptz,
    outcome jsonb,
    problem_zh text,
    problem_en text,
    CHECK ((state IN ('done', 'failed')) = (finished_at IS NOT NULL)),
    CHECK ((state = 'done') = (outcome IS NOT NULL)),
    CHECK ((state = 'failed') = (problem_zh IS NOT NULL))
);

CREATE INDEX whatif_run_open ON whatif_run (asked_at) WHERE state IN ('waiting', 'running');
CREATE INDEX whatif_run_asked ON whatif_run (asked_at);
