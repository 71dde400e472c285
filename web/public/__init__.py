"""The citizen's pages: ask, look up, rate; no sign-in, no script needed."""

from __future__ import annotations

from web.public.ask import answer, begin, begin_with, clear, question, what, what_page
from web.public.home import county_home
from web.public.pointing import picture
from web.public.send import check, send, sent, sent_picture
from web.public.still_off import say
from web.public.track import add_words, ask, ask_withdraw, attached, leave, look, rate, show, urge, withdraw
from web.public.verify import enquire_instead, verify_first
from web.public.visit_wish import wish
from web.public.why import why

ROUTES = [
    begin, begin_with, clear, question, answer, what, what_page, check, send, sent, sent_picture,
    verify_first, enquire_instead, ask, look, show, add_words, urge, ask_withdraw, withdraw, rate, attached, leave,
    county_home, picture, why, wish, say,
]  # fmt: skip
