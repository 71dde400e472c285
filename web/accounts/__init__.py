"""Citizens' accounts: registering and signing in on every portal, verification at the counter, rating a body."""

from __future__ import annotations

from web.accounts import body, counter, me, ratings, register, session, settings

ROUTES = [
    register.choose_kind, register.register_page, register.register, register.confirm_page, register.confirm,
    register.send_again, session.account_sign_in_page, session.account_sign_in, session.account_sign_out,
    session.reset_page, session.send_reset, session.reset_code_page, session.reset, settings.settings_page,
    settings.change_page, settings.change, settings.end_session, settings.end_others, me.me, me.my_request,
    body.find_body, body.body_page, body.rate_body, ratings.body_ratings_page, ratings.reply_body,
    ratings.body_ratings_csv, counter.counter_page, counter.find_account, counter.enrol_page, counter.enrol,
    counter.account_page, counter.verify, counter.refuse, counter.suspend, counter.restore, counter.correct,
    counter.hand_code, counter.slip,
]  # fmt: skip
