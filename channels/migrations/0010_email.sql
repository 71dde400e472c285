-- Cases that were handed over, newest first, for the list of transfers.
CREATE INDEX cases_transferred ON cases (closed_at DESC, id) WHERE state = 'transferred';
