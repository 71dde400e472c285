"""The forms of accounts: what each asks, and how it is called."""

from __future__ import annotations

from typing import Annotated

import msgspec

from hotline.credentials import LEAST_PASSWORD, MOST_PASSWORD
from hotline.errors import Say
from web.forms import label

_SHORT = Say(f"密码至少 {LEAST_PASSWORD} 位。", f"Use at least {LEAST_PASSWORD} characters.")

Phone = Annotated[str, label("手机号码", "Mobile number", most=30,
                             missing=Say("还没写手机号码，请填写。", "Enter your mobile number."))]  # fmt: skip
Name = Annotated[str, label("姓名", "Name", most=60)]
Password = Annotated[str, label("密码", "Password", most=MOST_PASSWORD)]
NewPassword = Annotated[str, label("设一个密码", "Choose a password", least=LEAST_PASSWORD, most=MOST_PASSWORD,
                                   missing=_SHORT)]  # fmt: skip
Old = Annotated[str, label("现在的密码", "Your present password", most=MOST_PASSWORD)]
Code = Annotated[str, label("验证码", "Code", most=20,
                            missing=Say("还没写验证码，请填写 6 位数字。", "Enter the six digits."))]  # fmt: skip
Company = Annotated[str, label("单位名称", "Company name", most=100)]
FirmCode = Annotated[str, label("统一社会信用代码", "Unified social credit code", most=40)]
Why = Annotated[str, label("原因", "Reason", most=200)]
Next = str


class Person(msgspec.Struct):
    """A personal account."""

    phone: Phone
    name: Name
    password: NewPassword
    county: str = ""
    next: Next = ""


class Firm(msgspec.Struct):
    """An enterprise's account, with the person who acts for it."""

    company: Company
    organisation_code: FirmCode
    name: Annotated[str, label("经办人姓名", "Name of the person acting", most=60)]
    phone: Annotated[str, label("经办人手机号码", "Mobile number of that person", most=30)]
    password: NewPassword
    county: str = ""
    next: Next = ""


class SignIn(msgspec.Struct):
    """What one signs in with."""

    phone: Phone
    password: Password
    stay: Annotated[bool, label("在这台设备上保持登录", "Stay signed in on this device")] = False
    next: Next = ""


class Confirmation(msgspec.Struct):
    """The six digits."""

    code: Code


class Number(msgspec.Struct):
    """Whose password is to be set anew."""

    phone: Phone


class Reset(msgspec.Struct):
    """A new password with a code."""

    phone: Phone
    code: Code
    password: Annotated[str, label("新密码", "New password", least=LEAST_PASSWORD, most=MOST_PASSWORD, missing=_SHORT)]


class Rename(msgspec.Struct):
    """Another name."""

    name: Name


class NewNumber(msgspec.Struct):
    """Another number, with the password."""

    phone: Annotated[str, label("新手机号码", "New mobile number", most=30)]
    old: Old


class ChangePassword(msgspec.Struct):
    """Another password, with the present one."""

    old: Old
    password: Annotated[str, label("新密码", "New password", least=LEAST_PASSWORD, most=MOST_PASSWORD, missing=_SHORT)]


class Close(msgspec.Struct):
    """Closing the account, with the password."""

    old: Old


class Find(msgspec.Struct):
    """Whom the clerk looks for."""

    q: Annotated[str, label("登记码或手机号码", "Registration code or mobile number", most=40)]


class Verification(msgspec.Struct):
    """What the clerk saw."""

    document: Annotated[str, label("看过的证件", "Document seen",
                                   missing=Say("请选看过的证件。", "Choose the document that you saw."))]  # fmt: skip
    tail: Annotated[str, label("证件号码最后 4 位", "Last four characters of its number", most=4,
                               missing=Say("请写证件号码的最后 4 位。", "Enter its last four."))]  # fmt: skip
    has_number: Annotated[bool, label("已当面核对手机号码", "The phone was looked at")] = False


class Reason(msgspec.Struct):
    """Why an account is not verified, or suspended."""

    reason: Why


class Correction(msgspec.Struct):
    """Another name or number, from what was shown."""

    name: Name
    phone: Annotated[str, label("新手机号码", "New mobile number", most=30)] = ""


class Enrolment(msgspec.Struct):
    """An account for somebody at the counter."""

    kind: Annotated[str, label("账户", "Account")]
    phone: Phone
    name: Name
    company: Company = ""
    organisation_code: FirmCode = ""


class BodyGrade(msgspec.Struct):
    """One of exactly four grades for a body; a person or window and words if one likes."""

    grade: Annotated[str, label("您觉得怎样？", "How do you find it?",
                                missing=Say("还没选评价，请选一项。", "Choose one of the four."))]  # fmt: skip
    about: Annotated[str, label("人员姓名或窗口", "Member of staff or window", most=100)] = ""
    words: Annotated[str, label("想说的话", "In your words", most=1000)] = ""
    county: str = ""


class BodyReply(msgspec.Struct):
    """The unit's answer to a dissatisfied rating."""

    reply: Annotated[str, label("答复", "Answer", most=2000, missing=Say("还没写答复。", "Write the answer."))]
