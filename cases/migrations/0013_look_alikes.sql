-- Finding look-alikes while somebody types, at any number of cases: by matter and county, by point, and the closed cases
-- that speak for a matter. Reports and confidential cases are in none of them (rules.md 10).

CREATE INDEX cases_alike_matter ON cases (matter, county, opened_at)
    WHERE matter IS NOT NULL AND kind <> 'report' AND NOT is_confidential;
CREATE INDEX cases_alike_point ON cases USING gist (point(lon, lat))
    WHERE lat IS NOT NULL AND kind <> 'report' AND NOT is_confidential;
CREATE INDEX cases_witness ON cases (matter, closed_at)
    WHERE closed_at IS NOT NULL AND kind <> 'report' AND NOT is_confidential;
