-- What was put aside in a period, with its reason: few facts among very many.
CREATE INDEX fact_aside ON fact (day, measure, unit) WHERE excluded IS NOT NULL;
