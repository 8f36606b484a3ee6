"""One run of one command: wall time, processor time and memory."""

from __future__ import annotations

import os
import signal
import subprocess
import tempfile
import threading
import time
from dataclasses import asdict, dataclass
from pathlib import Path

SAMPLING_INTERVAL = 0.01


class RunFailed(Exception):
    """A command that did not end well; the message holds the end of what it wrote to standard error."""

    def __init__(self, reason: str, words: str) -> None:
        super().__init__(f"{reason}: {words}")
        self.reason = reason


@dataclass(frozen=True)
class Measurement:
    """What one process used, its threads and children included in the processor time.

    `peakMemoryInKilobytes` is the largest sum of RssAnon and RssShmem that was seen: what the process keeps for itself,
    without the pages of files that the system can drop. `maximumResidentInKilobytes` is `ru_maxrss`, with those pages.
    """

    wallSeconds: float
    userSeconds: float
    systemSeconds: float
    peakMemoryInKilobytes: int
    maximumResidentInKilobytes: int

    @property
    def processor_seconds(self) -> float:
        return self.userSeconds + self.systemSeconds

    def as_json(self) -> dict[str, float | int]:
        return asdict(self)


def own_memory(process: int) -> int:
    """RssAnon + RssShmem in kilobytes; 0 when the process has ended."""
    total = 0
    try:
        with open(f"/proc/{process}/status", encoding="ascii", errors="replace") as status:
            for line in status:
                if line.startswith(("RssAnon:", "RssShmem:")):
                    total += int(line.split()[1])
    except (OSError, ValueError):
        return 0
    return total


class MemoryWatch(threading.Thread):
    """Samples a process's memory until it is told to stop, and ends the process when its time is over."""

    def __init__(self, process: int, limit: float) -> None:
        super().__init__(daemon=True)
        self.process = process
        self.deadline = time.monotonic() + limit
        self.peak = 0
        self.exceeded = False
        self.stopped = threading.Event()

    def run(self) -> None:
        while not self.stopped.wait(SAMPLING_INTERVAL):
            self.peak = max(self.peak, own_memory(self.process))
            if time.monotonic() > self.deadline and not self.exceeded:
                self.exceeded = True
                os.kill(self.process, signal.SIGKILL)


def measure(command: list[str], folder: Path, limit: float) -> tuple[Measurement, str]:
    """Runs a command in a folder and returns what it used and what it wrote to standard output.

    This process must stay small: Linux counts what the parent had resident towards a child's `ru_maxrss`.
    """
    with tempfile.TemporaryFile() as output, tempfile.TemporaryFile() as errors:
        start = time.perf_counter()
        child = subprocess.Popen(command, cwd=folder, stdin=subprocess.DEVNULL, stdout=output, stderr=errors)
        watch = MemoryWatch(child.pid, limit)
        watch.start()
        _, status, usage = os.wait4(child.pid, 0)
        wall = time.perf_counter() - start
        watch.stopped.set()
        watch.join()
        child.returncode = os.waitstatus_to_exitcode(status)
        if child.returncode != 0:
            errors.seek(0)
            reason = f"more than {limit:.0f} s" if watch.exceeded else f"exit {child.returncode}"
            words = errors.read()[-2000:].decode(errors="replace")
            raise RunFailed(reason, f"{' '.join(command)}\n{words}")
        output.seek(0)
        text = output.read().decode()
    return Measurement(wall, usage.ru_utime, usage.ru_stime, watch.peak, usage.ru_maxrss), text
