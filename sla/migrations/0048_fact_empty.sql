-- Sums that came to nothing are few and are dropped at each step of the store: found without reading it whole.

CREATE INDEX fact_sum_empty ON fact_sum (first) WHERE total = 0 AND put_aside = 0;
CREATE INDEX fact_time_empty ON fact_time (first) WHERE n = 0;
