"""Numbers in the unit that a person reads: durations, rates, percentages, counts."""

from __future__ import annotations

from dataclasses import dataclass

NARROW = "\N{NO-BREAK SPACE}"
HOURS_PER_DAY = 24.0
DAYS_PER_WEEK = 7.0


@dataclass(frozen=True, slots=True)
class Scale:
    """A unit on the screen: what to divide the measured value by, and what to call one and several.

    `whole` is for things that there are no fractions of.
    """

    divisor: float
    one: str
    many: str
    whole: bool = False

    def number(self, value: float) -> str:
        scaled = value / self.divisor
        return f"{scaled:,.0f}" if self.whole else decimal(scaled)

    def of(self, value: float) -> Reading:
        number = self.number(value)
        return Reading(number, self.one if number == "1" else self.many)


@dataclass(frozen=True, slots=True)
class Reading:
    number: str
    unit: str

    @property
    def text(self) -> str:
        if not self.unit:
            return self.number
        return f"{self.number}{NARROW}{self.unit}"


MINUTES = Scale(1 / 60, "minute", "minutes")
HOURS = Scale(1.0, "hour", "hours")
DAYS = Scale(HOURS_PER_DAY, "day", "days")
WEEKS = Scale(HOURS_PER_DAY * DAYS_PER_WEEK, "week", "weeks")
A_DAY = Scale(1.0, "a day", "a day")
A_WEEK = Scale(1 / DAYS_PER_WEEK, "a week", "a week")
PER_CENT = Scale(0.01, "%", "%")
ITEMS = Scale(1.0, "item", "items", whole=True)
PLAIN = Scale(1.0, "", "")


def decimal(value: float) -> str:
    """One decimal below ten, none above, thousands grouped; something never reads as nothing.

    A value too small for one decimal keeps its first significant digit, so that 0.04 is not "0".
    """
    if value < 0:
        return f"\N{MINUS SIGN}{decimal(-value)}"
    if value >= 9.95:
        return f"{value:,.0f}"
    if 0 < value < 0.05:
        return f"{value:.1g}" if value >= 0.001 else "under 0.001"
    return f"{value:.1f}".removesuffix(".0")


def scale_for(unit: str, largest: float) -> Scale:
    """The unit in which values up to `largest` read best; one chart uses one scale for all its points."""
    match unit:
        case "hours":
            return _duration_scale(largest)
        case "deployments/day":
            return A_DAY if largest >= 1 else A_WEEK
        case "ratio" | "share":
            return PER_CENT
        case "items":
            return ITEMS
        case _:
            return PLAIN


def read(value: float, unit: str) -> Reading:
    return scale_for(unit, abs(value)).of(value)


def read_range(low: float, high: float, unit: str) -> str:
    """Two values in the unit of the larger one, `2.8 to 3.9 days`, unless the smaller would then be a fraction."""
    upper_scale, lower_scale = scale_for(unit, abs(high)), scale_for(unit, abs(low))
    upper = upper_scale.of(high)
    if lower_scale is not upper_scale and 0 < low < upper_scale.divisor:
        return f"{lower_scale.of(low).text} to {upper.text}"
    lower = upper_scale.number(low)
    return upper.text if lower == upper.number else f"{lower} to {upper.text}"


def count(number: int, one: str, many: str | None = None) -> str:
    return f"{number:,}{NARROW}{one if number == 1 else many or one + 's'}"


def _duration_scale(hours: float) -> Scale:
    if hours < 1.5:
        return MINUTES
    if hours < 2 * HOURS_PER_DAY:
        return HOURS
    if hours < 21 * HOURS_PER_DAY:
        return DAYS
    return WEEKS
