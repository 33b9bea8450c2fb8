"""What our own mail server found of a sender: the topmost trusted Authentication-Results (RFC 8601)."""

import re

from intake.mail.headers import Headers

_RESULT = re.compile(r"(?i)(?:^|[;\s])(dmarc|dkim|spf)\s*=\s*([a-z]+)")


def failed(headers: Headers, trusted: frozenset[str]) -> bool:
    """Say whether the topmost field of a `trusted` authserv-id (lower case) says that the sender is not genuine.

    DMARC decides where it was tried; else a failed SPF or DKIM that the other does not make good. Fields
    of other servers are anybody's claim and say nothing.
    """
    for value in headers.all("authentication-results"):
        plain = re.sub(r"\([^()]*\)", " ", value)
        if plain.partition(";")[0].split()[:1] and plain.partition(";")[0].split()[0].lower() in trusted:
            return _bad(plain)
    return False


def _bad(value: str) -> bool:
    results: dict[str, set[str]] = {}
    for method, result in _RESULT.findall(value.partition(";")[2]):
        results.setdefault(method.lower(), set()).add(result.lower())
    if decided := results.get("dmarc", set()) - {"none", "temperror"}:
        return "pass" not in decided and "fail" in decided
    others = results.get("spf", set()) | results.get("dkim", set())
    return "pass" not in others and "fail" in others
