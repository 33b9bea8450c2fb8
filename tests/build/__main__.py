"""Make the committed test material again: `python -m tests.build` (needs LibreOffice, `--demo` does not)."""

import sys
from pathlib import Path

from tests.build import demo, libreoffice

ROOT = Path(__file__).parents[2]
LIBREOFFICE = ROOT / "tests" / "material" / "libreoffice"
DEMO = ROOT / "shenbao" / "demo" / "material"


def main() -> None:
    """Write every committed file; what is not made here is removed."""
    demo.write(DEMO)
    if "--demo" not in sys.argv:
        libreoffice.write(LIBREOFFICE)


if __name__ == "__main__":
    main()
