-- Where a case is, when its requester pointed at it: on the map, by their device, or through Open311. Degrees of WGS 84.

ALTER TABLE cases
    ADD COLUMN lat double precision CHECK (lat BETWEEN -90 AND 90),
    ADD COLUMN lon double precision CHECK (lon BETWEEN -180 AND 180),
    ADD CONSTRAINT point_is_whole CHECK ((lat IS NULL) = (lon IS NULL));

-- Counts of a period by county and by the portal that was used (rules.md 9).
CREATE INDEX cases_closed_at ON cases (closed_at) WHERE closed_at IS NOT NULL;
