"""`make mutants`: change the rules in one small place after the other, and say which changes no test notices.

make mutants                                          # what is bounded to about twenty minutes on two cores
make mutants ARGS="--count 200 --seed 7"              # others
make mutants ARGS="--only scheduling/answer.py --count 0"   # every change of one module

It fails where a change goes unnoticed that explained.toml, beside this file, does not explain.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from support.mutants.anew import SOURCE
from support.mutants.changes import Mutant, mutants
from support.mutants.explained import explanations
from support.mutants.playing import Outcome, play

RULES = ("scheduling/*.py", "calendar/*.py", "commands/door.py")


def main() -> int:
    """Play the changes and print a report; 1 where one survives that nothing explains."""
    wanted = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    wanted.add_argument("--count", type=int, default=400, help="how many changes, 0: all")
    wanted.add_argument("--seed", type=int, default=1, help="which of them")
    wanted.add_argument("--only", nargs="+", default=RULES, metavar="FILE", help="modules below src/rsvpd")
    wanted.add_argument("--jobs", type=int, default=os.cpu_count() or 1, help="processes side by side")
    wanted.add_argument("--verbose", action="store_true", help="say what becomes of each")
    args = wanted.parse_args()
    known = explanations(Path(__file__).with_name("explained.toml"))
    every = [
        one for pattern in args.only for path in sorted((SOURCE / "rsvpd").glob(pattern)) for one in mutants(path)
    ]
    sample = sorted(every, key=lambda one: _lot(args.seed, one))[: args.count or None]
    chosen = [one for one in sample if not any(why.fits(one) for why in known)]
    print(f"seed {args.seed}: {len(sample)} of {len(every)} changes, {len(sample) - len(chosen)} are explained")
    begin, done = time.monotonic(), 0

    def say(outcome: Outcome) -> None:
        nonlocal done
        done += 1
        if args.verbose or not outcome.is_noticed:
            print(_line(outcome), flush=True)
        elif done % 100 == 0:
            print(f"{done} of {len(chosen)}, {time.monotonic() - begin:.0f} s", flush=True)

    played = play(chosen, args.jobs, say)
    for name in played.failed:
        print(f"fails with nothing changed: {name}")
    alive = [one for one in played.outcomes if not one.is_noticed]
    print(f"{len(played.outcomes)} changes in {time.monotonic() - begin:.0f} s, {len(alive)} unnoticed")
    return 1 if alive or played.failed else 0


def _lot(seed: int, one: Mutant) -> str:
    """Return what orders the changes: of one only, so that the sample stays what it is when other code changes."""
    words = f"{seed}\n{one.path.relative_to(SOURCE)}\n{one.function}\n{one.change}"
    return hashlib.sha256(words.encode()).hexdigest()


def _line(outcome: Outcome) -> str:
    one: Mutant = outcome.mutant
    place = f"{one.path.relative_to(SOURCE.parent)}:{one.line}"
    word = "noticed" if outcome.is_noticed else "UNNOTICED"
    within = f" in {one.function}" if one.function else ""
    return f"{word} {place}{within}: {one.change}  ({outcome.tests} tests, {outcome.seconds:.1f} s)"


if __name__ == "__main__":
    sys.exit(main())
