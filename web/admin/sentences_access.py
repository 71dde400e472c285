"""Sentences of how staff get in: passwords, second factors, sessions, pauses."""

from __future__ import annotations

from hotline.errors import Say

KINDS: dict[str, Say] = {
    "password_slip_made": Say("开出重设密码的纸条给", "made a slip for a new password for"),
    "password_slip_used": Say("凭纸条设了新密码", "chose a password with a slip"),
    "password_changed": Say("改了自己的密码", "changed the own password"),
    "factor_added": Say("开通动态码", "switched a second factor on"),
    "factor_removed": Say("停用自己的动态码", "switched the own second factor off"),
    "factor_reset": Say("替人停用动态码", "took a second factor off"),
    "recovery_codes_made": Say("换了一批备用码", "made new recovery codes"),
    "recovery_code_used": Say("用备用码登录", "signed in with a recovery code"),
    "session_ended": Say("退出一处登录", "ended a session"),
    "lock_lifted": Say("解除登录等待", "lifted a pause of sign-ins"),
    "break_glass": Say("统一认证之外应急登录", "signed in past the single sign-on, in an emergency"),
    "person_back": Say("恢复在岗", "took back somebody who had left"),
    "sign_in_refused": Say("统一认证的登录被拒", "was refused at single sign-on"),
}
