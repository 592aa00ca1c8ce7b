"""Many seeds on several processes, each outcome kept in a file as it comes: what is there is not run again."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from multiprocessing import get_context
from pathlib import Path
from typing import IO

import msgspec

from hejie.store.embedded import Cluster
from hejie_lab.simulate.ground import Ground, server
from hejie_lab.simulate.run import Outcome
from hejie_lab.simulate.seeds import each

DAYS = 6.0
PIECE = 50
"""Seeds that one process takes at a time: as many are run again at most after a stop."""
_ROOM = 2 << 30  # bytes
Tell = Callable[[str], None]


def seeds_in(text: str) -> range:
    """`1-10000`, or one number; ValueError."""
    first, _, last = text.partition("-")
    return range(int(first), int(last or first) + 1)


def shelf() -> Path:
    """Memory, where the machine offers enough as files."""
    memory = Path("/dev/shm")  # noqa: S108  a folder of our own is made in it
    roomy = memory.is_dir() and shutil.disk_usage(memory).free > _ROOM
    return memory if roomy else Path(tempfile.gettempdir())


def run(folder: Path, seeds: Sequence[int], days: float, out: Path | None, jobs: int, tell: Tell) -> list[Outcome]:
    """The outcomes of these seeds in their order, those of `out` among them."""
    done = {each.seed: each for each in kept_of(out, seeds, days)}
    left = [seed for seed in seeds if seed not in done]
    if left:
        with server(folder) as cluster, _opened(out) as file:
            for outcome in _all(cluster, left, days, jobs):
                done[outcome.seed] = outcome
                _keep(file, outcome)
                if outcome.wrong or len(done) % PIECE == 0:
                    tell(f"{len(done)} of {len(seeds)}: seed {outcome.seed} {'FAILS' if outcome.wrong else 'holds'}")
    return [done[seed] for seed in sorted(done)]


def kept_of(out: Path | None, seeds: Sequence[int], days: float) -> list[Outcome]:
    """What a file holds of these seeds, in their order."""
    wanted = set(seeds)
    found = {each.seed: each for each in kept(out) if each.seed in wanted and each.days == days}
    return [found[seed] for seed in sorted(found)]


def kept(out: Path | None) -> list[Outcome]:
    """What a file holds; a line that was cut off by a kill is left out."""
    if out is None or not out.is_file():
        return []
    found = []
    for line in out.read_bytes().splitlines():
        try:
            found.append(msgspec.json.decode(line, type=Outcome))
        except msgspec.DecodeError:
            continue
    return found


def _opened(out: Path | None) -> IO[bytes]:
    return out.open("ab") if out else tempfile.TemporaryFile()


def _keep(file: IO[bytes], outcome: Outcome) -> None:
    file.write(msgspec.json.encode(outcome) + b"\n")
    file.flush()


def _all(cluster: Cluster, seeds: Sequence[int], days: float, jobs: int) -> Iterator[Outcome]:
    if jobs == 1:
        yield from each(Ground(cluster, "one"), days, seeds)
        return
    pieces = [seeds[start : start + PIECE] for start in range(0, len(seeds), PIECE)]
    pool = ProcessPoolExecutor(jobs, get_context("spawn"))
    try:
        running = [pool.submit(_piece, cluster, number, days, piece) for number, piece in enumerate(pieces)]
        for future in as_completed(running):
            yield from future.result()
    finally:
        pool.shutdown(cancel_futures=True)  # whoever stops waits for the pieces under way alone


def _piece(cluster: Cluster, number: int, days: float, seeds: Sequence[int]) -> list[Outcome]:
    ground = Ground(cluster, f"piece{number}")
    try:
        return list(each(ground, days, seeds))
    finally:
        ground.forget()
