"""Certificates, honours and other pictures read as what they are, with what they say."""

from collections.abc import Sequence

import parsers
from parsers.documents import Honour, Qualification
from tests.build import papers
from tests.measure.tally import Tally


def licences(seeds: Sequence[int]) -> Tally:
    """Return how many certificates were read as theirs, with name and code, and that no wrong value was sure."""
    tally = Tally()
    for seed in seeds:
        made = papers.certificate(seed)
        read = parsers.read(made.data, "a.jpg")
        part = next((one for one in read.parts if isinstance(one, Qualification)), None)
        told = f"{seed} {made.view} {made.what}: {read.type} "
        tally.count("certificates told from pictures", right=part is not None, otherwise=told)
        one = part or Qualification(confidence=0.0)
        tally.count("their kind", right=one.document == made.what, otherwise=told + str(one.document))
        tally.count("their name", right=one.name == made.name, otherwise=f"{told}{one.name} for {made.name}")
        tally.count("their code", right=one.uscc == made.uscc, otherwise=f"{told}{one.uscc} for {made.uscc}")
        valid = one.uscc_valid and one.uscc != made.uscc
        tally.count("no valid code that is not theirs", right=not valid, otherwise=f"{told}{one.uscc}")
    return tally


def honours(seeds: Sequence[int]) -> Tally:
    """Return how many honours were read as such, with title, issuer and year."""
    tally = Tally()
    for seed in seeds:
        made = papers.honour(seed)
        read = parsers.read(made.data, "a.jpg")
        part = next((one for one in read.parts if isinstance(one, Honour)), None)
        told = f"{seed} {made.view} {made.what}: {read.type} "
        tally.count("honours told from pictures", right=part is not None, otherwise=told)
        one = part or Honour()
        title = (one.title or "").strip("“”").removesuffix("称号").strip("“”")
        tally.count("their title", right=title == made.title, otherwise=f"{told}{one.title} for {made.title}")
        tally.count(
            "their issuer", right=one.issuer == made.issuer, otherwise=f"{told}{one.issuer} for {made.issuer}"
        )
        tally.count("their year", right=one.year == made.year, otherwise=f"{told}{one.year} for {made.year}")
    return tally


def others(seeds: Sequence[int]) -> Tally:
    """Return how many pictures were taken for neither a certificate that serves nor an honour."""
    tally = Tally()
    for seed in seeds:
        made = papers.other(seed)
        read = parsers.read(made.data, "a.jpg")
        serves = any(isinstance(one, Qualification) and one.recognised for one in read.parts)
        told = f"{seed} {made.view} {made.what}: {read.parts}"
        tally.count("pictures taken for no certificate", right=not serves, otherwise=told)
        tally.count("pictures taken for no honour", right=read.type != "honour", otherwise=told)
    return tally
