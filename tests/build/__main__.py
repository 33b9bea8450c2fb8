"""Make the committed test material again: `python -m tests.build` (needs LibreOffice, `--demo` does not)."""

import sys
from pathlib import Path

from tests.build import demo, legacy, libreoffice

ROOT = Path(__file__).parents[2]
LIBREOFFICE = ROOT / "tests" / "material" / "libreoffice"
LEGACY = ROOT / "tests" / "material" / "legacy"
DEMO = ROOT / "shenbao" / "demo" / "material"


def main() -> None:
    """Write every committed file; what is not made here is removed."""
    demo.write(DEMO)
    if "--demo" not in sys.argv:
        libreoffice.write(LIBREOFFICE)
        legacy.write(LEGACY)


if __name__ == "__main__":
    main()
