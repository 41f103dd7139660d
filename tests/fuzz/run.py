"""`make fuzz`: send many changed requests to a real server and say which of them broke it.

make fuzz                              # 100,000 inputs of today's seed
make fuzz ARGS="--count 5000 --seed 7"
make fuzz ARGS="--seed 7 --round 12"   # one round again, with what broke written out
"""

from __future__ import annotations

import argparse
import sys
import time
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from support.fuzz.campaign import ROUND, Report, play


def main() -> int:
    """Play the rounds and print a report; 1 where an input broke the server."""
    wanted = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    wanted.add_argument("--count", type=int, default=100_000, help="inputs in all")
    wanted.add_argument("--seed", type=int, default=1)
    wanted.add_argument("--round", type=int, help="only this round")
    wanted.add_argument("--jobs", type=int, default=2, help="servers side by side")
    wanted.add_argument("--save", type=Path, help="a folder for what broke")
    args = wanted.parse_args()
    numbers = [args.round] if args.round is not None else range((args.count + ROUND - 1) // ROUND)
    report, begin = Report(), time.monotonic()
    with ProcessPoolExecutor(args.jobs) as pool:
        for number, one in zip(numbers, pool.map(play, [args.seed] * len(numbers), numbers), strict=True):
            report.add(one)
            print(f"round {number}: {report.asked} inputs, {len(report.broken)} broke the server", flush=True)
    print(
        f"seed {args.seed}: {report.asked} inputs in {time.monotonic() - begin:.0f} s, slowest {report.slowest:.2f} s"
    )
    print("answers: " + ", ".join(f"{status} x {count}" for status, count in sorted(report.statuses.items())))
    for number, index, wrong, raw in report.broken:
        print(f"\nround {number}, input {index}: {'; '.join(wrong)[:600]}\n{raw[:1500]!r}")
        if args.save:
            args.save.mkdir(parents=True, exist_ok=True)
            (args.save / f"{args.seed}-{number}-{index}.bin").write_bytes(raw)
    return 1 if report.broken else 0


if __name__ == "__main__":
    sys.exit(main())
