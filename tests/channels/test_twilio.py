"""Twilio's signatures, by the known vectors and against Twilio's own validator, both ways; its fields as a text."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec
import pytest
from hypothesis import given
from hypothesis import settings as effort
from hypothesis import strategies as st
from twilio.request_validator import RequestValidator

from channels import twilio
from channels.twilio_signature import Secrets, is_signed, secrets_of, signature
from hotline import settings
from hotline.errors import Refusal

URL = "https://hotline.example.gov.cn/hooks/twilio/sms"
SMS = {
    "MessageSid": "SM00000000000000000000000000000001", "SmsSid": "SM00000000000000000000000000000001",
    "AccountSid": "AC00000000000000000000000000000001", "From": "+8613800000001", "To": "+8631012345",
    "Body": "丛台路路灯不亮", "NumMedia": "0",
}  # fmt: skip
CALL = {
    "CallSid": "CA1234567890ABCDE", "From": "+12349013030", "To": "+18005551212", "Caller": "+12349013030",
    "Digits": "1234",
}  # fmt: skip
JSON_URL = (
    "https://hotline.example.gov.cn/hooks/twilio/json"
    "?bodySHA256=015abd7f5cc57a2dd94b7590f04ad8084273905ee33ec5cebeae62276a97f862"
)
SHARED = "key=webhooks_1,algorithm=HMAC_SHA256"


def pairs(fields: dict[str, str]) -> list[tuple[bytes, bytes]]:
    """A form's fields as bytes."""
    return [(name.encode(), value.encode()) for name, value in fields.items()]


def says(url: str, fields: dict[str, str] | None, given: str, *tokens: str, body: bytes = b"") -> bool:
    """Whether ours takes the signature under these tokens."""
    return is_signed(url, None if fields is None else pairs(fields), body, given, "", Secrets(tokens=tokens))


@pytest.mark.parametrize(
    ("url", "fields", "token", "told"),
    [
        ("https://mycompany.com/myapp.php?foo=1&bar=2", CALL, "12345", "0/KCTR6DLpKmkAf8muzZqo1nDgQ="),
        (URL, SMS, "test-token", "xw8vAApUiLJwG0EpybhcThIBJ/Q="),
    ],
)
def test_the_known_signatures_are_right_and_any_change_is_wrong(
    url: str, fields: dict[str, str], token: str, told: str
) -> None:
    assert signature(token, url, pairs(fields)) == told
    assert says(url, fields, told, token)
    assert says(url, fields, told, "the new one", token), "the secondary token counts as well"
    assert not says(url, fields, told, "another")
    assert not says(url, fields, told)
    assert not says(url + "x", fields, told, token)
    assert not says(url, {**fields, "New": "1"}, told, token), "every parameter that came is signed"
    assert not says(url, dict(list(fields.items())[1:]), told, token)
    assert not says(url, {**fields, "From": fields["From"] + " "}, told, token)
    assert not says(url, fields, told[:-2] + "A=", token)
    assert not says(url, fields, "", token)


def test_the_address_is_right_with_and_without_its_port() -> None:
    told = signature("test-token", URL, pairs(SMS))
    with_port = URL.replace(".cn/", ".cn:443/")
    assert says(with_port, SMS, told, "test-token")
    assert says(URL, SMS, signature("test-token", with_port, pairs(SMS)), "test-token")
    assert not says(URL, SMS, signature("test-token", URL.replace(".cn/", ".cn:444/"), pairs(SMS)), "test-token")


def test_a_json_body_is_signed_by_its_digest_in_the_address() -> None:
    told = "YAiuufPVxm0fjpK4zHCmDfV2nOQ="
    assert signature("test-token", JSON_URL, []) == told
    assert says(JSON_URL, None, told, "test-token", body=b'{"a":1}')
    assert not says(JSON_URL, None, told, "test-token", body=b'{"a":2}')
    bare = JSON_URL.partition("?")[0]
    assert not says(bare, None, signature("test-token", bare, []), "test-token", body=b'{"a":1}')
    assert RequestValidator("test-token").validate(JSON_URL, '{"a":1}', told)


def test_the_shared_keys_sign_by_sha_256_and_never_stand_in_for_a_token() -> None:
    secrets = secrets_of("token", "", "webhooks_1:first webhooks_2:second broken")
    fields = pairs(SMS)
    told = signature("first", URL, fields, "HMAC_SHA256")
    assert is_signed(URL, fields, b"", told, SHARED, secrets)
    assert RequestValidator("first").validate(URL, SMS, told, "HMAC_SHA256")
    for wrong in (
        "key=webhooks_2,algorithm=HMAC_SHA256", "key=webhooks_9,algorithm=HMAC_SHA256", "",
        "key=webhooks_1,algorithm=HMAC_SHA512", "key=webhooks_1,algorithm=none",
    ):  # fmt: skip
        assert not is_signed(URL, fields, b"", told, wrong, secrets), wrong
    assert not is_signed(URL, fields, b"", signature("token", URL, fields, "HMAC_SHA256"), SHARED, secrets)
    assert not is_signed(URL, fields, b"", signature("first", URL, fields), "", secrets)
    assert is_signed(URL, fields, b"", signature("token", URL, fields), "algorithm=HMAC_SHA1", secrets)


_names = st.text(st.characters(codec="utf-8"), min_size=1, max_size=12)
_paths = st.text("abc/._-~%é", max_size=12).map(lambda path: path.replace("%", "%20"))


@effort(max_examples=150, deadline=None)
@given(
    fields=st.dictionaries(_names, st.text(st.characters(codec="utf-8"), max_size=30), max_size=8), path=_paths,
    query=st.sampled_from(["", "?a=1&b=%E4%B8%9B", "?x"]), port=st.sampled_from(["", ":443", ":8443"]),
    algorithm=st.sampled_from(["HMAC_SHA1", "HMAC_SHA256"]),
)  # fmt: skip
def test_twilios_own_validator_and_ours_agree_both_ways(
    fields: dict[str, str], path: str, query: str, port: str, algorithm: str
) -> None:
    url = f"https://hotline.example.gov.cn{port}/{path}{query}"
    theirs = RequestValidator("secret")
    secrets = Secrets(tokens=("secret",), keys={"k": "secret"})
    named = f"key=k,algorithm={algorithm}"
    made = theirs.compute_signature(url, fields, algorithm)
    assert is_signed(url, pairs(fields), b"", made, named, secrets)
    assert theirs.validate(url, fields, signature("secret", url, pairs(fields), algorithm), algorithm)


def test_repeated_values_count_once_and_are_sorted_as_twilio_does() -> None:
    class Many(dict):  # type: ignore[type-arg]
        def getlist(self, name: str) -> list[str]:
            return ["b", "a", "b"] if name == "x" else [self[name]]

    made = RequestValidator("secret").compute_signature(URL, Many(x="b", y="1"))
    assert signature("secret", URL, [(b"x", b"b"), (b"y", b"1"), (b"x", b"a"), (b"x", b"b")]) == made


@pytest.fixture
def ours(database: object) -> Iterator[None]:
    """An installation with a Twilio account."""
    before = settings.current()
    settings.use(msgspec.structs.replace(before, twilio_account=SMS["AccountSid"], twilio_number="+1 415 555 0000"))
    yield
    settings.use(before)


@pytest.mark.anyio
async def test_fields_become_a_text_whatever_else_stands_beside_them(ours: None) -> None:
    one = twilio.text_of({**SMS, "Body": "丛台路路灯不亮😀", "SomethingNew": "1", "NumMedia": "2",
        "MediaUrl0": "https://api.twilio.com/m/0", "MediaContentType0": "image/jpeg"})  # fmt: skip
    assert (one.provider_id, one.sender, one.words) == (SMS["MessageSid"], "13800000001", "丛台路路灯不亮😀")
    assert [(m.kind, m.url) for m in one.media] == [("image", "https://api.twilio.com/m/0")]
    assert twilio.text_of({**SMS, "Body": "The street light is out"}).lang == "en"
    assert twilio.text_of({**SMS, "NumMedia": "many"}).media == ()


@pytest.mark.anyio
@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({"AccountSid": "AC9"}, 403), ({"MessageSid": "", "SmsSid": ""}, 422), ({"From": ""}, 422),
        ({"MessageSid": "S" * 101}, 422), ({"To": "+8610086"}, 404), ({"To": ""}, 404),
    ],
)  # fmt: skip
async def test_what_is_not_ours_or_lacks_its_id_is_refused(ours: None, change: dict[str, str], status: int) -> None:
    with pytest.raises(Refusal) as refusal:
        twilio.text_of({**SMS, **change})
    assert refusal.value.status == status


@pytest.mark.anyio
@pytest.mark.parametrize(
    ("to", "line"),
    [
        ("+8631012345", "12345"), ("+86 310 12369", "12369"), ("12345", "12345"), ("031012345", "12345"),
        ("+14155550000", "12345"),
    ],
)  # fmt: skip
async def test_a_number_is_its_line_however_the_world_dials_it(ours: None, to: str, line: str) -> None:
    assert twilio.line_of(to) == line


@pytest.mark.anyio
async def test_a_status_is_one_of_the_known_ones(ours: None) -> None:
    told = {"MessageSid": "SM1", "AccountSid": SMS["AccountSid"], "MessageStatus": "undelivered", "ErrorCode": "30003"}
    assert twilio.status_of(told) == ("SM1", "failed", "30003")
    assert twilio.status_of({**told, "MessageStatus": "queued"})[1] == ""
    with pytest.raises(Refusal):
        twilio.status_of({**told, "MessageStatus": "teleported"})
