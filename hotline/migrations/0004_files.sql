-- Attachments: the rows of what lies under data_dir/files. No foreign key to a case: this floor knows none.

CREATE TABLE attachment (
    id uuid PRIMARY KEY,
    subject_kind text NOT NULL CHECK (subject_kind <> ''),
    subject_id uuid NOT NULL,
    case_id uuid,
    name text NOT NULL CHECK (length(name) BETWEEN 1 AND 200),
    media_type text NOT NULL,
    size bigint NOT NULL CHECK (size > 0),
    sha256 bytea NOT NULL CHECK (octet_length(sha256) = 32),
    has_metadata boolean NOT NULL,
    audience text NOT NULL CHECK (audience IN ('requester', 'staff', 'centre')),
    created_at timestamptz NOT NULL,
    created_by uuid NOT NULL
);

COMMENT ON COLUMN attachment.has_metadata IS
    'Metadata could not be taken out (sound, film, PDF): say so before it is published';

CREATE INDEX attachment_subject ON attachment (subject_kind, subject_id, created_at);
CREATE INDEX attachment_case ON attachment (case_id, created_at) WHERE case_id IS NOT NULL;
