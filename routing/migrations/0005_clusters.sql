-- Cases about the same real thing, gathered by a job; a person merges them, or says that they are not the same.
CREATE TABLE cluster (
    id uuid PRIMARY KEY,
    matter text NOT NULL,
    county text NOT NULL,
    township text,
    place text NOT NULL,
    size text NOT NULL CHECK (size IN ('cluster', 'mass')),
    state text NOT NULL CHECK (state IN ('open', 'settled', 'dismissed')),
    parent_id uuid NOT NULL REFERENCES cases ON DELETE RESTRICT,
    risen_at timestamptz NOT NULL,
    mass_at timestamptz,
    first_at timestamptz NOT NULL,
    last_at timestamptz NOT NULL,
    cases integer NOT NULL CHECK (cases >= 1),
    requesters integer NOT NULL CHECK (requesters >= 0),
    contacts integer NOT NULL CHECK (contacts >= 1),
    report_no text UNIQUE,
    report text,
    reported_at timestamptz,
    reported_by uuid,
    settled_at timestamptz,
    settled_by uuid,
    reason text,
    CHECK ((state = 'open') = (settled_at IS NULL)),
    CHECK ((size = 'mass') = (mass_at IS NOT NULL)),
    CHECK ((size = 'mass') = (report_no IS NOT NULL)),
    CHECK ((report IS NULL) = (reported_at IS NULL)),
    CHECK (state <> 'dismissed' OR reason IS NOT NULL)
);

CREATE INDEX cluster_open ON cluster (last_at DESC) WHERE state = 'open';
CREATE INDEX cluster_done ON cluster (settled_at DESC) WHERE state <> 'open';
CREATE INDEX cluster_parent ON cluster (parent_id);

CREATE TABLE cluster_member (
    cluster_id uuid NOT NULL REFERENCES cluster ON DELETE RESTRICT,
    case_id uuid NOT NULL REFERENCES cases ON DELETE RESTRICT,
    since timestamptz NOT NULL,
    left_at timestamptz,
    left_by uuid,
    PRIMARY KEY (cluster_id, case_id),
    CHECK ((left_at IS NULL) = (left_by IS NULL))
);

-- A case is in one cluster at a time.
CREATE UNIQUE INDEX cluster_member_one ON cluster_member (case_id) WHERE left_at IS NULL;
