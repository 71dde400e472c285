-- Open data, a month at a time: frozen rows, the files made of them, who made and who published them.

CREATE TABLE opendata_release (
    id uuid PRIMARY KEY,
    month date NOT NULL CHECK (extract(day FROM month) = 1),
    version integer NOT NULL CHECK (version >= 1),
    state text NOT NULL CHECK (state IN ('draft', 'published', 'refused', 'withdrawn')),
    made_at timestamptz NOT NULL,
    made_by uuid NOT NULL REFERENCES person ON DELETE RESTRICT,
    k integer NOT NULL CHECK (k >= 2),
    harsh_share integer NOT NULL CHECK (harsh_share BETWEEN 0 AND 100),
    licence text NOT NULL,
    frozen bytea NOT NULL,
    frozen_hash text NOT NULL,
    report text NOT NULL CHECK (report LIKE '{%}'),
    decided_at timestamptz,
    decided_by uuid REFERENCES person ON DELETE RESTRICT,
    reason text,
    withdrawn_at timestamptz,
    withdrawn_by uuid REFERENCES person ON DELETE RESTRICT,
    UNIQUE (month, version),
    CHECK (decided_by IS DISTINCT FROM made_by),
    CHECK ((decided_at IS NULL) = (state = 'draft')),
    CHECK ((withdrawn_at IS NOT NULL) = (state = 'withdrawn'))
);

COMMENT ON COLUMN opendata_release.frozen IS 'What the files are made of, compressed; it never leaves the house';

-- One of a month is on its way or in the open at a time.
CREATE UNIQUE INDEX opendata_release_live ON opendata_release (month) WHERE state IN ('draft', 'published');

CREATE TABLE opendata_file (
    release_id uuid NOT NULL REFERENCES opendata_release ON DELETE RESTRICT,
    name text NOT NULL,
    data bytea NOT NULL,
    sha256 text NOT NULL,
    PRIMARY KEY (release_id, name)
);
