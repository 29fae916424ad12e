# SPDX-License-Identifier: BSD-3-Clause
"""The numbers and tables of README.md, put where its marks are.

  <!-- table NAME --> ... <!-- end -->      a table, or some lines
  <!--= NAME -->...<!--/-->                 a number or a word within a line
"""

import math
import re

import design
import setting
from judge import ALL, GROUPS, REFERENCE
from kinds import BENEFIT, DURATION, KINDS, MEASURES, TOGETHER

TABLE = re.compile(r"(<!-- table ([^>]*?) -->\n).*?(<!-- end -->)", re.DOTALL)
WORD = re.compile(r"(<!--= ([^>]*?) -->)[^<]*(<!--/-->)")

MOST_EQUALS = 3  # named in a cell


class PageError(Exception):
    """The page has a mark that means nothing."""


def settings_of(measure):
    return [(measure.kind, "alone"), (TOGETHER, "together")]


def number(value, digits=3):
    """Three digits, never as 1e+03."""
    if value == 0:
        return "0"
    places = max(0, digits - 1 - math.floor(math.log10(abs(value))))
    return f"{value:.{places}f}"


def signed(text):
    """With a minus that is one, and none where there is nothing."""
    return re.sub(r"^[-+](?=0\.?0*( |$))", "", text).replace("-", "−")


def value_text(verdicts, traffic, measure, group, policy):
    """The mean of a policy, in its unit."""
    mean = float(verdicts.mean[traffic, measure.name, group, policy]["mean"])
    return f"{signed(number(measure.unscore(mean) / measure.factor))} {measure.unit}".rstrip()


def change_text(measure, mean, low, high):
    """A difference of scores in words: percent of what is measured, or so many units; with its interval."""
    if measure.ratio:
        ends = [100 * (math.exp(x if measure.more_is_better else -x) - 1) for x in (mean, low, high) if x is not None]
        text = [f"{x:+.0f}" for x in ends]
        text = ["0" if float(x) == 0 else x for x in text]
        interval = sorted(text[1:], key=float)
        return signed(f"{text[0]} %" + (f" ({interval[0]} to {interval[1]})" if interval else ""))
    sign = 1 if measure.more_is_better else -1
    half = f" ± {(high - low) / 2:.2f}" if low is not None else ""
    return signed(f"{sign * mean:+.2f}{half}")


def cell(verdicts, traffic, measure, group, policy):
    if policy == REFERENCE:
        return value_text(verdicts, traffic, measure, group, policy)
    return change_text(measure, *verdicts.difference(traffic, measure.name, group, policy, REFERENCE)[:3])


def lines_of(head, rows):
    return "\n".join("| " + " | ".join(line) + " |" for line in [head, ["---"] * len(head), *rows]) + "\n"


def policies_table(verdicts, together, group=ALL):
    """A row for each policy, a column for each measure."""
    if not verdicts.members[group]:
        return "None.\n"
    shown = [(TOGETHER if together else measure.kind, measure) for measure in MEASURES]
    best = [verdicts.winners(traffic, measure.name, group) for traffic, measure in shown]
    rows = []
    for policy in verdicts.policies:
        cells = [cell(verdicts, traffic, measure, group, policy) for traffic, measure in shown]
        rows.append([f"`{policy}`"] + [f"**{text}**" if policy in winners else text
                                       for text, winners in zip(cells, best)])
    return lines_of(["policy"] + [f"{m.kind}: {m.title}" for _, m in shown], rows)


def winners_text(verdicts, traffic, measure, group):
    """The best one, by how much it is better than the reference, and who cannot be told from it."""
    best, *equals = verdicts.winners(traffic, measure.name, group)
    text = f"**{best}**"
    if best != REFERENCE:
        mean, low, high, _ = verdicts.difference(traffic, measure.name, group, best, REFERENCE)
        text += " " + change_text(measure, mean, low, high)
    if len(equals) > MOST_EQUALS:
        return text + f"; no worse for certain: {len(equals)} others"
    return text + (f"; or {', '.join(equals)}" if equals else "")


def winners_table(verdicts):
    """The winner of each kind, alone and together."""
    rows = []
    for measure in MEASURES:
        for traffic, title in settings_of(measure):
            best = verdicts.winners(traffic, measure.name, ALL)[0]
            rows.append([f"{measure.kind}: {measure.title}", title, winners_text(verdicts, traffic, measure, ALL),
                         value_text(verdicts, traffic, measure, ALL, best),
                         f"{100 * verdicts.near_best(traffic, measure.name, ALL, best):.0f} %"])
    return lines_of(["what", "sent", f"winner, and change against `{REFERENCE}`", "mean", "best or nearly in"], rows)


def classes_table(verdicts, together):
    """The winner by class of topology, with its change against the reference."""
    rows = []
    for name, _ in GROUPS:
        if verdicts.members[name] and name != design.RADIO:
            rows.append([f"{name} ({len(verdicts.members[name])})"] + [
                winners_text(verdicts, TOGETHER if together else measure.kind, measure, name) for measure in MEASURES])
    return lines_of(["topologies"] + [f"{m.kind}: {m.title}" for m in MEASURES], rows)


def benefit_table(verdicts):
    """The mean aggregation benefit of a download alone."""
    names = [name for name, _ in GROUPS if verdicts.members[name] and name != design.RADIO]
    best = {name: verdicts.winners(BENEFIT.kind, "benefit", name) for name in names}
    rows = []
    for policy in verdicts.policies:
        line = [f"`{policy}`"]
        for name in names:
            row = verdicts.mean[BENEFIT.kind, "benefit", name, policy]
            half = f" ± {float(row['half_width']):.2f}" if row["half_width"] else ""
            text = signed(f"{float(row['mean']):.2f}{half}")
            line.append(f"**{text}**" if policy in best[name] else text)
        rows.append(line)
    return lines_of(["policy"] + names, rows)


def policies_list():
    """What each policy is: the first comment of its file."""
    rows = []
    for policy in setting.POLICIES:
        text = setting.read_policy(policy)
        comment = [line[1:].strip() for line in text.splitlines() if line.startswith("#")][2:]
        rows.append([f"[`{policy}`](policies/{policy}.yaml)", " ".join(comment)])
    return lines_of(["policy", "what it does"], rows)


def kinds_list():
    rows = []
    for kind in KINDS:
        measures = ", ".join(f"{m.title}{f' ({m.unit})' if m.unit else ''}" for m in MEASURES if m.kind == kind.name)
        rows.append([kind.name, kind.about, measures])
    return lines_of(["kind", "what is sent", "judged by"], rows)


def tables(verdicts):
    return {
        "policies": policies_list, "kinds": kinds_list,
        "winners": lambda: winners_table(verdicts),
        "alone": lambda: policies_table(verdicts, False), "together": lambda: policies_table(verdicts, True),
        "classes alone": lambda: classes_table(verdicts, False),
        "classes together": lambda: classes_table(verdicts, True),
        "benefit": lambda: benefit_table(verdicts),
        "radio": lambda: policies_table(verdicts, True, design.RADIO),
    }


def words(verdicts):
    """Facts: how many topologies there are; "MEASURE/alone/GROUP/POLICY" the change of a policy's mean."""
    found = { "seconds": str(DURATION),
             **{f"topologies/{name}": str(len(members)) for name, members in verdicts.members.items()}}
    for measure in MEASURES:
        for traffic, title in settings_of(measure):
            for group, members in verdicts.members.items():
                if (traffic, measure.name, group, verdicts.policies[0]) not in verdicts.mean:
                    continue
                about = f"{measure.name}/{title}/{group}"
                found[f"{about}/winner"] = verdicts.winners(traffic, measure.name, group)[0]
                for policy in verdicts.policies:
                    found[f"{about}/{policy}"] = cell(verdicts, traffic, measure, group, policy)
                    found[f"{about}/{policy}/mean"] = value_text(verdicts, traffic, measure, group, policy)
                    near = verdicts.near_best(traffic, measure.name, group, policy)
                    found[f"{about}/{policy}/near"] = f"{100 * near:.0f} %"
    return found


def fill(text, verdicts):
    """The page with all its tables and numbers."""
    made, known = tables(verdicts), words(verdicts)

    def table(match):
        if match[2] not in made:
            raise PageError(f"there is no table '{match[2]}'; there are: {', '.join(made)}")
        return match[1] + made[match[2]]() + match[3]

    def word(match):
        if match[2] not in known:
            raise PageError(f"there is no number '{match[2]}'")
        return match[1] + known[match[2]] + match[3]

    return WORD.sub(word, TABLE.sub(table, text))


def plain(verdicts):
    """A page of tables alone, for other topologies than those that README.md speaks of."""
    made = tables(verdicts)
    titles = [("Who wins", "winners"), ("Each kind of traffic alone", "alone"), ("All at a time", "together"),
              ("Each alone, by class", "classes alone"), ("All at a time, by class", "classes together"),
              ("Aggregation benefit of a download alone", "benefit"), ("What the policies are", "policies"),
              ("What is sent", "kinds")]
    return "# Which policy for whom?\n\n" + "\n".join(f"## {title}\n\n{made[name]()}" for title, name in titles)
