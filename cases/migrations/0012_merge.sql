-- A merged case points at the one that holds its requests; a request that sits elsewhere points at its own case.

ALTER TABLE cases ADD COLUMN merged_into uuid REFERENCES cases ON DELETE RESTRICT
    CHECK (merged_into <> id);
ALTER TABLE cases ADD CONSTRAINT cases_merged CHECK ((merged_into IS NOT NULL) = (state = 'merged'));
CREATE INDEX cases_merged_into ON cases (merged_into) WHERE merged_into IS NOT NULL;

ALTER TABLE request ADD COLUMN home_id uuid REFERENCES cases ON DELETE RESTRICT CHECK (home_id <> case_id);
CREATE INDEX request_home ON request (home_id) WHERE home_id IS NOT NULL;
