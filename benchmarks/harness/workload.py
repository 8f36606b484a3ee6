"""What is computed: the features, the cutoffs, and the study that asks ChurnKit for them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

EVENT_TYPES = ("purchase", "return", "ticket", "emailOpen", "visit")
AMOUNT_TYPES = ("purchase", "return")
WINDOWS = (7, 30, 90, 180, 365)
HISTORY_FEATURES = ("recency", "tenure", "gap_mean", "gap_std")

# The world that is simulated. Every cutoff has a year of history before it and 90 days of data from it on.
HISTORY_FIRST_DAY = date(2021, 1, 1)
HISTORY_END = date(2024, 7, 1)
LAST_CUTOFF = date(2024, 4, 1)
MOST_CUTOFFS = 24


def feature_names() -> list[str]:
    """The 44 features: five counts, two sums and one mean for each window, and four of the whole history."""
    names = [f"{kind}_count_{days}d" for kind in EVENT_TYPES for days in WINDOWS]
    names += [f"{kind}_sum_{days}d" for kind in AMOUNT_TYPES for days in WINDOWS]
    names += [f"purchase_mean_{days}d" for days in WINDOWS]
    return names + list(HISTORY_FEATURES)


def is_whole(feature: str) -> bool:
    """Whether a feature is a whole number, so that every tool must give exactly the same."""
    return "_count_" in feature or feature in ("recency", "tenure")


def monthly_cutoffs(count: int) -> list[date]:
    """The last `count` first days of months, ascending; the last is `LAST_CUTOFF`."""
    months = LAST_CUTOFF.year * 12 + LAST_CUTOFF.month - 1
    return [date(month // 12, month % 12 + 1, 1) for month in range(months - count + 1, months + 1)]


@dataclass(frozen=True)
class Workload:
    """The same 44 features at some cutoffs: W1 is one cutoff, W2 are 24 months."""

    cutoffs: tuple[date, ...]

    @staticmethod
    def of(cutoffs: int) -> Workload:
        return Workload(tuple(monthly_cutoffs(cutoffs)))

    @property
    def name(self) -> str:
        known = {1: "w1", 24: "w2"}
        return known.get(len(self.cutoffs), f"cutoffs{len(self.cutoffs)}")

    @property
    def words(self) -> str:
        if len(self.cutoffs) == 1:
            return f"44 features at one cutoff, {self.cutoffs[0]}"
        return f"44 features at {len(self.cutoffs)} monthly cutoffs, {self.cutoffs[0]} to {self.cutoffs[-1]}"

    def study(self, events: str) -> str:
        """The study for ChurnKit, which names exactly the 44 features."""
        windows = ", ".join(f"{days}d" for days in WINDOWS)
        return f"""study: features-benchmark
timezone: UTC
observedUntil: {HISTORY_END}
events:
  - file: {events}
    format: {{delimiter: ",", null: [""]}}
    customer: customer
    duplicates: keep
    time: {{column: time, format: "yyyy-MM-dd HH:mm:ss"}}
    type: {{column: type}}
    amount: amount
churn: {{definition: inactivity, of: [purchase], horizon: 90d}}
observations: {{first: {self.cutoffs[0]}, last: {self.cutoffs[-1]}, every: 1mo}}
features:
  windows: [{windows}]
  include: ["*_count_*", "purchase_sum_*", "return_sum_*", "purchase_mean_*", recency, tenure, gap_mean, gap_std]
"""
