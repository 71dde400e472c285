"""The case, its ledger, its visits, ratings and notices."""
