"""Say whether the committed look is what its sources give. Needs Python alone: `python frontend/check_build.py`.

The build writes down the hashes of what it read and wrote; this compares them. Whoever has Node can also
build anew and compare byte by byte: `npm ci && npm run check` in this folder.
"""

import hashlib
import json
import sys
from collections.abc import Iterator
from pathlib import Path

HERE = Path(__file__).resolve().parent
BUILT = HERE.parent / "static" / "portal"
HOW = "Build it anew, which needs Node 20 or later: cd frontend && npm ci && npm run build"


def differences(sources: Path = HERE, outputs: Path = BUILT) -> Iterator[str]:
    """Every file that is not the one the last build read or wrote, in words."""
    record = json.loads((sources / "built.json").read_text())
    for name, digest in record["sources"].items():
        if _digest(sources / name) != digest:
            yield f"frontend/{name} has changed since the last build."
    for name, digest in record["outputs"].items():
        if _digest(outputs / name) != digest:
            yield f"static/portal/{name} is not what the last build wrote."


def _digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest() if path.exists() else ""


def main() -> int:
    """Print what differs; 0 when nothing does."""
    found = list(differences())
    if found:
        sys.stderr.write("\n".join([*found, HOW, ""]))
        return 1
    sys.stdout.write("The look is what its sources give.\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
