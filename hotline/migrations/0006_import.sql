-- Imports of a former hotline's export: which file, how far, and what became of its rows.

CREATE TABLE import_batch (
    id uuid PRIMARY KEY,
    system text NOT NULL CHECK (system <> ''),
    name text NOT NULL,
    file_sha256 bytea NOT NULL CHECK (octet_length(file_sha256) = 32),
    mapping_sha256 bytea NOT NULL CHECK (octet_length(mapping_sha256) = 32),
    started_at timestamptz NOT NULL,
    ended_at timestamptz,
    last_row bigint NOT NULL CHECK (last_row >= 0),
    rows_read bigint NOT NULL CHECK (rows_read >= 0),
    made bigint NOT NULL CHECK (made >= 0),
    known bigint NOT NULL CHECK (known >= 0),
    refused bigint NOT NULL CHECK (refused >= 0)
);

COMMENT ON COLUMN import_batch.last_row IS 'Every row up to this line of the file has been dealt with';

-- An import that was broken off is taken up again, not begun anew.
CREATE UNIQUE INDEX import_batch_open ON import_batch (system, file_sha256, mapping_sha256) WHERE ended_at IS NULL;
