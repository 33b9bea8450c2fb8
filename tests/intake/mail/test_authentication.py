"""Only our own server's word on a sender counts, and only its topmost one."""

import pytest

from intake.mail.authentication import failed
from intake.mail.headers import parse

TRUSTED = frozenset({"mx.example.cn"})


@pytest.mark.parametrize(
    ("fields", "forged"),
    [
        pytest.param(
            ["mx.example.cn; dmarc=fail (p=reject) header.from=gov.cn; spf=pass"], True, id="DMARC failed"
        ),
        pytest.param(["mx.example.cn; dmarc=pass; spf=fail; dkim=pass"], False, id="DMARC passed"),
        pytest.param(["MX.example.cn 1; spf=fail smtp.mailfrom=a@gov.cn; dkim=none"], True, id="SPF failed"),
        pytest.param(["mx.example.cn; spf=fail; dkim=pass header.d=gov.cn"], False, id="forwarded, signed"),
        pytest.param(["mx.example.cn; spf=pass; dkim=fail"], False, id="a list spoiled the signature"),
        pytest.param(["mx.example.cn; spf=softfail; dkim=none"], False, id="unsure"),
        pytest.param(["mx.example.cn; none"], False, id="nothing tried"),
        pytest.param(["evil.example; dmarc=fail"], False, id="anybody's claim"),
        pytest.param(
            ["evil.example; dmarc=pass", "mx.example.cn; dmarc=fail"], True, id="a claim above ours"
        ),
        pytest.param(
            ["mx.example.cn; dmarc=fail", "mx.example.cn; dmarc=pass"], True, id="the topmost of ours"
        ),
        pytest.param(["mx.example.cn; spf=none (dmarc=fail)"], False, id="in a comment"),
        pytest.param([], False, id="none"),
        pytest.param([""], False, id="empty"),
    ],
)
def test_whose_word_counts(fields: list[str], *, forged: bool) -> None:
    block = "\r\n".join(f"Authentication-Results: {field}" for field in fields)
    assert failed(parse(block.encode()), TRUSTED) is forged


def test_no_server_is_trusted_unasked() -> None:
    assert not failed(parse(b"Authentication-Results: mx.example.cn; dmarc=fail"), frozenset())
