"""Which new passwords are refused: too short, well known, a run of keys, a repetition, one's own login or name."""

from __future__ import annotations

import re

from hotline.errors import Say

LEAST, MOST = 10, 200
_RUNS = (
    "01234567890123456789", "98765432109876543210", "abcdefghijklmnopqrstuvwxyz", "qwertyuiopasdfghjklzxcvbnm",
    "1qaz2wsx3edc4rfv5tgb6yhn7ujm8ik9ol0p", "qazwsxedcrfvtgbyhnujmikolp", "!@#$%^&*()_+",
)  # fmt: skip
_KNOWN = frozenset((
    "password", "admin", "administrator", "welcome", "letmein", "iloveyou", "changeme", "default", "hotline",
    "woaini", "woaizhongguo", "zhongguo", "aini", "secret", "login", "guest", "master", "system", "root", "service",
    "government", "monkey", "dragon", "football", "sunshine", "princess", "superman", "12345", "qwerty",
    "qwertyuiop", "asdfghjkl", "zxcvbnm", "qwe", "asd", "zxc", "abc", "abcd", "qaz", "wsx", "1q2w3e", "1q2w3e4r",
    "1q2w3e4r5t", "q1w2e3r4", "p@ssw0rd", "passw0rd", "pa55word", "huawei", "kefu", "rexian", "mima", "demo",
    "test", "密码", "热线", "管理员", "我爱你",
))  # fmt: skip
_END = re.compile(r"[\d\W_]*$")
_FEW = 4
"""Of how many different characters a password consists at the least."""
_SHORTEST = 3
"""A login or a name shorter than this (in letters; two in characters) may be in it by chance."""


def fault(password: str, login: str = "", name: str = "") -> Say | None:
    """What is wrong with a new password of whoever has this login and name, None when nothing is."""
    if not LEAST <= len(password) <= MOST:
        return Say(f"密码至少 {LEAST} 位。", f"The password needs at least {LEAST} characters.")
    plain = password.casefold()
    if any(part in plain for part in _own(login, name)):
        return Say("密码里不要有登录名或姓名。", "Leave your login and your name out of the password.")
    if _is_known(plain):
        return Say(
            "这个密码太常见，容易被猜中。可用几个不相干的词连起来。",
            "That password is too easy to guess. String together a few unrelated words.",
        )
    return None


def _own(login: str, name: str) -> list[str]:
    logins = [login.casefold(), login.casefold().partition("@")[0]]
    names = [name.casefold(), name.casefold().replace(" ", "")]
    return [one for one in logins if len(one) >= _SHORTEST] + [
        one for one in names if len(one) >= (_SHORTEST if one.isascii() else _SHORTEST - 1)
    ]


def _is_known(plain: str) -> bool:
    if plain.isdigit() or len(set(plain)) < _FEW:
        return True
    if any(plain in run + run for run in _RUNS) or re.fullmatch(r"(.{1,5}?)\1+", plain):
        return True
    return _END.sub("", plain) in _KNOWN or plain in _KNOWN
