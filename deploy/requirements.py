"""Prints which requirements have a passing test, from what the last whole test run left."""

import json
import sys

from aiuteur.settings import ROOT


def main() -> int:
    known = ROOT / "var" / "requirements.json"
    if not known.exists():
        print("Run `make test` first: it notes which requirements its tests show.")
        return 1
    shown = json.loads(known.read_text())
    for number, tests in sorted(shown.items()):
        first = tests[0].rpartition("::")[2].partition("[")[0].removeprefix("test_")
        more = f"  (+{len(tests) - 1} more)" if len(tests) > 1 else ""
        print(f"{number}  {first.replace('_', ' ')}{more}")
    print(f"\n{len(shown)} requirements have a passing test.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
