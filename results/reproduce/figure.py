# SPDX-License-Identifier: BSD-3-Clause
"""What a figure in results/ is made of, and how its points are judged.

A figure is a folder results/ID-NAME with

  figure.py   TITLE, PANELS, measure(experiment) -> [Row], and if it takes more than seconds TIME ("3 minutes")
  ref.csv     the published points: COLUMNS below
  README.md   what the paper shows, and what was and was not reproduced
  data.csv, ID.png, ID.svg   what the command made of it, as committed
"""

import csv
import dataclasses
import importlib.util
import os
import re

HERE = os.path.dirname(os.path.abspath(__file__))
RESULTS = os.path.dirname(HERE)

COLUMNS = ["series", "x", "y", "judged", "tolerance", "source"]
NAME = re.compile(r"([A-Z][A-Z0-9]*)-[a-z0-9-]+")


class FigureError(Exception):
    """A figure's folder is not as it has to be; the text says where."""


@dataclasses.dataclass
class Row:
    """A measured value: y at x, with an interval where there is one."""

    series: str
    x: float
    y: float
    low: float = None
    high: float = None


@dataclasses.dataclass
class Panel:
    """One of a picture's diagrams: the curves of `series`, a colour each, with their reference points."""

    title: str
    x: str  # what the axis shows, with its unit
    y: str
    series: list  # names in the data, or (name, what the legend calls it)
    log: str = ""  # gnuplot's: x, y or xy
    x_range: str = ""  # gnuplot's: [0:16]
    y_range: str = ""
    bars: bool = False  # no curves but boxes side by side
    marks: tuple = ()  # (x, what stands there): vertical lines


@dataclasses.dataclass
class Point:
    """A published value. `judged`: "equal", "most", "least", or "no" for one that is only drawn."""

    series: str
    x: str
    y: float
    judged: str
    tolerance: str  # "exact", "1.5%" of y, or "0.3" in y's unit
    source: str

    def margin(self):
        if self.tolerance in ("", "exact"):
            return 0.0
        if self.tolerance.endswith("%"):
            return abs(self.y) * float(self.tolerance[:-1]) / 100
        return float(self.tolerance)

    def accepts(self, value):
        # Nothing but the rounding of a decimal number in a file
        margin = self.margin() + 1e-9 * max(1.0, abs(self.y))
        above, below = value - self.y <= margin, self.y - value <= margin
        return {"equal": above and below, "most": above, "least": below}[self.judged]


def same_x(a, b):
    """Whether two cells mean the same x: a number, however it is written, or a word."""
    try:
        return abs(float(a) - float(b)) <= 1e-9 * max(1.0, abs(float(a)))
    except ValueError:
        return a == b


class Figure:
    def __init__(self, folder):
        found = NAME.fullmatch(os.path.basename(folder))
        self.id, self.folder = found[1], folder
        spec = importlib.util.spec_from_file_location("figure_" + self.id, os.path.join(folder, "figure.py"))
        self.module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(self.module)
        self.points = read_points(os.path.join(folder, "ref.csv"))

    @property
    def title(self):
        return self.module.TITLE

    @property
    def time(self):
        """How long it takes, in words; empty: seconds."""
        return getattr(self.module, "TIME", "")


def parse_point(path, line, row):
    try:
        point = Point(*(row[name].strip() if name != "y" else float(row[name]) for name in COLUMNS))
        if point.judged not in ("equal", "most", "least", "no"):
            raise ValueError(f"'judged' is equal, most, least or no, and not '{point.judged}'")
        if not point.source:
            raise ValueError("a point without a source is a guess; say where it was read or how it was computed")
        if point.judged != "no" and point.margin() == 0 and point.tolerance != "exact":
            raise ValueError("a tolerance is missing: exact, 1.5% or 0.3")
        return point
    except (ValueError, TypeError, AttributeError) as error:
        raise FigureError(f"{path}:{line}: {error}") from error


def read_points(path):
    try:
        with open(path, encoding="utf-8", newline="") as file:
            reader = csv.DictReader(line for line in file)
            if reader.fieldnames != COLUMNS:
                raise FigureError(f"{path}:1: the columns have to be {','.join(COLUMNS)}")
            return [parse_point(path, reader.line_num, row) for row in reader]
    except OSError as error:
        raise FigureError(f"{path}: {error.strerror}") from error


def find_all():
    """The figures, R2 before R10."""
    names = sorted((name for name in os.listdir(RESULTS) if NAME.fullmatch(name)),
                   key=lambda name: [int(part) if part.isdigit() else part
                                     for part in re.findall(r"\d+|\D+", name)])
    return {NAME.fullmatch(name)[1]: os.path.join(RESULTS, name) for name in names}


def judge(points, rows):
    """[(point, measured or None, passed or None)]; None: not measured, not judged."""
    verdicts = []
    for point in points:
        found = [row.y for row in rows if row.series == point.series and same_x(str(row.x), point.x)]
        value = found[0] if found else None
        passed = None if point.judged == "no" else value is not None and point.accepts(value)
        verdicts.append((point, value, passed))
    return verdicts
