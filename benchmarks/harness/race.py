"""The contestants in turn, again and again, and what they gave compared."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from harness.agreement import Disagreement, check_sums, check_tables
from harness.contestants import CHECKSUMS, TABLE, Contestant, Outcome
from harness.environment import BENCHMARKS, Environment
from harness.events import Events
from harness.lanes import Lane, alternate
from harness.workload import Workload


@dataclass(frozen=True)
class Race:
    """One form of one workload on one file of events: A B C, A B C, …"""

    environment: Environment
    workload: Workload
    events: Events
    form: str
    runs: int
    limit: float

    def run(self, contestants: list[Contestant]) -> list[Lane]:
        """Times all of them alternately, then compares with the first. Who fails is left out from then on."""
        lanes = [
            Lane(contestant, contestant.command(self.workload, self.events.file, self.form))
            for contestant in contestants
            if contestant.can(self.form)
        ]
        alternate(lanes, self.runs, self.limit, self.form, self.outcome, self.remove_table)
        return lanes

    def outcome(self, lane: Lane, output: str) -> Outcome:
        return lane.contestant.outcome(output, self.form)

    def remove_table(self, lane: Lane) -> None:
        if self.form == TABLE:
            lane.contestant.table.unlink(missing_ok=True)

    def compare(self, lanes: list[Lane], reference: Outcome) -> None:
        """Compares every run's checksums, or the last table of each, with ours. Who disagrees has failed."""
        for lane in lanes:
            if lane.failure is None:
                try:
                    self.compare_lane(lane, reference)
                except Disagreement as disagreement:
                    lane.fail(f"disagrees: {disagreement}")

    def compare_lane(self, lane: Lane, reference: Outcome) -> None:
        if self.form == CHECKSUMS:
            lane.largest_difference = max(check_sums(reference, outcome) for outcome in lane.outcomes)
            return
        table = lane.outcomes[-1].table
        if table is None or reference.table is None:
            raise Disagreement("there is no table to compare")
        if table == reference.table:
            return
        agreement = check_tables(self.environment, reference.table, table)
        lane.largest_difference = agreement.largest_difference
        where = f"at {agreement.feature}" if agreement.feature else "everywhere"
        words = f"{agreement.values:,} values agree, largest relative difference"
        print(f"bench: {lane.contestant.title}: {words} {agreement.largest_difference:.1e} {where}", file=sys.stderr)


def sums_of_table(environment: Environment, table: Path) -> Outcome:
    """The checksums of a written table, to compare the others with where `churn` prints none."""
    command = [str(environment.python()), "-m", "harness.table_sums", str(table)]
    text = subprocess.run(command, cwd=BENCHMARKS, check=True, stdout=subprocess.PIPE, text=True).stdout
    result = json.loads(text)
    return Outcome("", None, result["examples"], result["sums"], None)

