"""Public proof: signed roots, and a case's own proof."""

from __future__ import annotations

from web.proof.own import own_page, own_proof
from web.proof.public import feed, keys, proof, roots_file, verifier, verifier_page

ROUTES = [proof, feed, roots_file, keys, verifier, verifier_page, own_page, own_proof]
