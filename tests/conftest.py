"""What every test may rely on: Debian programs are asked for by a mark, and no skip goes unseen.

`@pytest.mark.debian("dovecot", "swaks")` skips where a program is missing and says which; the run ends
with a list of what was skipped and why. With SHENBAO_NO_SKIPS=1, as in CI, any skip fails the run.
"""

import os
import shutil
from collections.abc import Iterable

import pytest
from hypothesis import settings

# A busy machine is slow and not wrong: how long one example takes says nothing.
settings.register_profile("shenbao", parent=settings(), deadline=None)
settings.load_profile("shenbao")

# Servers live in sbin, which an ordinary user's PATH leaves out.
SEARCHED = os.pathsep.join([os.environ.get("PATH", os.defpath), "/usr/local/sbin", "/usr/sbin", "/sbin"])


def missing(programs: Iterable[str]) -> list[str]:
    """Return those of `programs` that this machine does not have."""
    return [program for program in programs if shutil.which(program, path=SEARCHED) is None]


def pytest_runtest_setup(item: pytest.Item) -> None:
    for mark in item.iter_markers("debian"):
        if absent := missing(mark.args):
            pytest.skip(f"not installed here: {', '.join(absent)} (Debian packages; see docs/operating.md)")


def skipped(session: pytest.Session) -> list[tuple[str, str]]:
    """Return (test or file, reason) of everything this run skipped."""
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    reports = reporter.stats.get("skipped", []) if reporter else []
    return [(report.nodeid, _reason(report)) for report in reports if not hasattr(report, "wasxfail")]


def _reason(report: pytest.TestReport | pytest.CollectReport) -> str:
    told = report.longrepr
    return str(told[2]) if isinstance(told, tuple) else str(told)


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    if os.environ.get("SHENBAO_NO_SKIPS") == "1" and skipped(session) and not session.exitstatus:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    session = terminalreporter._session  # noqa: SLF001  the reporter has no public way to its session
    if not (left_out := skipped(session) if session else []):
        return
    terminalreporter.section("skipped, and why")
    for test, reason in left_out:
        terminalreporter.line(f"{test}: {reason}")
    if os.environ.get("SHENBAO_NO_SKIPS") == "1":
        terminalreporter.line("SHENBAO_NO_SKIPS=1: a skip fails this run", red=True)
