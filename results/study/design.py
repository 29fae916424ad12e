# SPDX-License-Identifier: BSD-3-Clause
"""The topologies of the study: which links a mobile node has, chosen so that they fill the space of what there is.

The design is WSP's (J. Santiago, M. Claeys-Bruno, M. Sergent, Construction of space-filling designs using WSP algorithm
for high dimensional spaces, 2012, after Wootton, Sergent and Phan-Tan-Luu): out of many random points keep one, drop
all that are closer to it than a distance, go on with the nearest one that is left. Points that are kept are never close
to one another, and no part of the space stays empty. The distance is the one that leaves as many points as are wanted.

The ranges are those of the Multipath QUIC study (Q. De Coninck, O. Bonaventure, CoNEXT 2017): low and high product of
bandwidth and delay, with and without losses. Rates are 0.5 to 20 Mbit/s instead of 0.1 to 100, and even on a
logarithmic scale: a link below half a megabit carries no film under any policy, and one above 20 Mbit/s takes the
simulator longer. What a policy has to cope with is how different links are, up to 40:1 here.
"""

import csv
import dataclasses
import io
import math
import random
import re

from scenario import InputError

SEED = 7629
EACH = 15  # topologies of a class
CANDIDATES = 1000

COLUMNS = ["topology", "class", "link", "type", "rate", "delay", "queue", "loss", "distance"]
LINKS = ["fast", "second", "third"]  # in order of their rates, so that policies can name them

RATES = (0.5e6, 20e6)  # bit/s
LOSSES = (0.0, 0.025)
# Product of bandwidth and delay: round-trip time of a link, and time its queue takes when it is full, in seconds.
PRODUCTS = {"low": ((0.001, 0.05), (0.0, 0.1)), "high": ((0.001, 0.4), (0.0, 2.0))}
RATE = re.compile(r"([0-9]*\.?[0-9]+)(bps|kbps|Mbps|Gbps)")
UNITS = {"bps": 1, "kbps": 1e3, "Mbps": 1e6, "Gbps": 1e9}
QUEUE_LEAST = 7500  # octets: five packets

# A few radio networks beside them, at distances in metres. Their rates are nobody's to choose, and nobody is told.
RADIO = "radio"  # their class
RADIO_EACH = 4
RADIO_SETS = [("wlan", "lte"), ("lte", "cdma"), ("wlan", "lte", "cdma")]
DISTANCES = {"wlan": (5, 40), "lte": (100, 800), "cdma": (200, 1200)}


@dataclasses.dataclass(frozen=True)
class Link:
    """In the words of a scenario file; empty: not given."""

    name: str
    type: str = "wired"
    rate: str = ""
    delay: str = ""  # one way
    queue: str = ""
    loss: str = ""
    distance: str = ""  # of radio networks


    @property
    def bits_per_second(self):
        """None: nobody knows."""
        found = RATE.fullmatch(self.rate)
        return float(found[1]) * UNITS[found[2]] if found else None


@dataclasses.dataclass(frozen=True)
class Topology:
    name: str
    kind: str  # "low" or "high" product of bandwidth and delay, RADIO, or another word in a table of one's own
    links: tuple

    @property
    def lossy(self):
        return any(float(link.loss.rstrip("%") or 0) > 0 for link in self.links)


def squared_distance(a, b):
    return sum((x - y) ** 2 for x, y in zip(a, b))


def select(candidates, distance):
    """WSP's: those that are kept."""
    kept, left, at = [], list(candidates), candidates[0]
    while True:
        kept.append(at)
        far = [(away, point) for point in left if (away := squared_distance(at, point)) >= distance * distance]
        if not far:
            return kept
        at = min(far)[1]
        left = [point for _, point in far]


def space_filling(count, dimensions, source):
    """So many points of the unit cube."""
    candidates = [tuple(source.random() for _ in range(dimensions)) for _ in range(CANDIDATES)]
    low, high = 0.0, math.sqrt(dimensions)
    for _ in range(60):
        distance = (low + high) / 2
        kept = select(candidates, distance)
        if len(kept) == count:
            return kept
        low, high = (distance, high) if len(kept) > count else (low, distance)
    return select(candidates, low)[:count]  # no distance leaves exactly so many: a little less leaves more


def between(limits, share):
    return limits[0] + (limits[1] - limits[0]) * share


def make_link(shares, product):
    """(rate in bit/s, the link without a name) from three or four numbers of 0 to 1."""
    round_trips, queues = PRODUCTS[product]
    rate = RATES[0] * (RATES[1] / RATES[0]) ** shares[0]
    delay = between(round_trips, shares[1]) / 2
    queue = max(QUEUE_LEAST, between(queues, shares[2]) * rate / 8)
    loss = between(LOSSES, shares[3]) if len(shares) > 3 else 0
    return rate, Link("", "wired", f"{rate / 1e3:.0f}kbps", f"{delay * 1e3:.1f}ms", f"{queue:.0f}B",
                      f"{loss * 100:.2f}%")


def make_topology(name, product, point, paths):
    width = len(point) // paths
    links = sorted((make_link(point[i * width:(i + 1) * width], product) for i in range(paths)),
                   key=lambda item: -item[0])
    return Topology(name, product, tuple(dataclasses.replace(link, name=LINKS[i]) for i, (_, link) in enumerate(links)))


def make(seed=SEED, each=EACH):
    found = []
    for paths in (2, 3):
        for product in PRODUCTS:
            for lossy in (False, True):
                source = random.Random(f"{seed} {paths} {product} {lossy}")
                points = space_filling(each, paths * (4 if lossy else 3), source)
                for i, point in enumerate(points):
                    name = f"{paths}-{product}-{'lossy' if lossy else 'clean'}-{i + 1:02}"
                    found.append(make_topology(name, product, point, paths))
    return found


def make_radio(seed=SEED, each=RADIO_EACH):
    found = []
    for types in RADIO_SETS:
        source = random.Random(f"{seed} {' '.join(types)}")
        for i, point in enumerate(space_filling(each, len(types), source)):
            links = tuple(Link(name, kind, distance=f"{between(DISTANCES[kind], share):.0f}m")
                          for name, kind, share in zip(LINKS, types, point))
            found.append(Topology(f"{'+'.join(types)}-{i + 1:02}", RADIO, links))
    return found


def text(topologies):
    file = io.StringIO()
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow(COLUMNS)
    for topology in topologies:
        for link in topology.links:
            writer.writerow([topology.name, topology.kind, *dataclasses.astuple(link)])
    return file.getvalue()


def read(path):
    """The topologies of such a table. What the simulator thinks of a link's values it says itself."""
    rows = {}
    try:
        with open(path, encoding="utf-8", newline="") as file:
            reader = csv.DictReader(file)
            if reader.fieldnames != COLUMNS:
                raise InputError(f"{path}:1: the columns have to be {','.join(COLUMNS)}")
            for row in reader:
                read_row(rows, row, f"{path}:{reader.line_num}")
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"{path}: cannot read it: {getattr(error, 'strerror', None) or error}") from error
    found = []
    for (name, kind), links in rows.items():
        if len(links) < 2:
            raise InputError(f"{path}: topology '{name}' has one link; there is nothing to choose")
        found.append(Topology(name, kind, tuple(links)))
    if not found:
        raise InputError(f"{path}: there is no topology in it")
    return found


def read_row(rows, row, where):
    if None in row or None in row.values():
        raise InputError(f"{where}: {len(COLUMNS)} cells are expected")
    links = rows.setdefault((row["topology"], row["class"]), [])
    expected = LINKS[len(links)] if len(links) < len(LINKS) else ""
    if row["link"] != expected:
        raise InputError(f"{where}: link '{row['link']}'; " + (
            f"'{expected}' is expected: links are called {', '.join(LINKS)}, in order of their rates" if expected
            else f"a topology has at most {len(LINKS)}"))
    try:
        float(row["loss"].strip().removesuffix("%") or 0)
    except ValueError:
        raise InputError(f"{where}: loss '{row['loss']}' is no share like 0.5%") from None
    link = Link(*(row[column].strip() for column in COLUMNS[2:]))
    if links and (link.bits_per_second or 0) > (links[-1].bits_per_second or math.inf):
        raise InputError(f"{where}: link '{link.name}' is faster than '{links[-1].name}'; links stand in order of "
                         "their rates")
    links.append(link)
