-- Each token of the index once more with its article's county behind it, as knowledge_index.placed writes them from now on.

UPDATE article_index SET search = search || (
    SELECT array_to_tsvector(coalesce(array_agg(one || '@' || county), '{}'))
    FROM unnest(tsvector_to_array(search)) AS one WHERE left(one, 1) <> '@'
);

-- What was put in lately stands in a list that every look into the index reads from end to end: a search looks a dozen times.
ALTER INDEX article_index_search SET (fastupdate = off);
SELECT gin_clean_pending_list('article_index_search');
