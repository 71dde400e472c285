-- From which partner a request came, each request of a merged case its own; and the public list of GeoReport v2, whose
-- cost must not grow with the archive (channels/open311 publishes, cases/published reads).

ALTER TABLE request ADD COLUMN origin_system text;

UPDATE request r SET origin_system = c.origin_system FROM cases c WHERE c.id = r.case_id AND r.origin_no IS NOT NULL;

CREATE INDEX request_origin ON request (origin_system, origin_no) WHERE origin_system IS NOT NULL;
CREATE INDEX request_origin_filed ON request (origin_system, filed_at) WHERE origin_system IS NOT NULL;

-- A partner may file without a number of its own (an app): the system is known then, the number is not.
ALTER TABLE cases DROP CONSTRAINT cases_check1;
ALTER TABLE cases ADD CONSTRAINT cases_origin_of_system CHECK (origin_no IS NULL OR origin_system IS NOT NULL);

CREATE INDEX cases_published_new ON cases (opened_at, id)
    WHERE accepted_at IS NOT NULL AND kind IN ('assistance', 'suggestion')
        AND NOT (is_confidential OR is_minor OR is_investigation OR is_vulnerable);
CREATE INDEX cases_published_matter ON cases (matter, opened_at, id)
    WHERE accepted_at IS NOT NULL AND kind IN ('assistance', 'suggestion')
        AND NOT (is_confidential OR is_minor OR is_investigation OR is_vulnerable);
