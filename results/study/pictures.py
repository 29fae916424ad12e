# SPDX-License-Identifier: BSD-3-Clause
"""The study's pictures: box plots over the topologies, a colour a policy as in all other pictures."""

import math

import campaign
import plot
from judge import ALL, REFERENCE
from kinds import KINDS, MEASURES, TOGETHER

BOTTOM = 95  # room for the names of policies below
MOST_BENEFIT = 2.5  # on the axis
# Classes of topologies that the picture of the aggregation benefit shows: (title, class, losses)
CLASSES = [("short links, no losses", "low", "no"), ("short links, losses", "low", "yes"),
           ("long links, no losses", "high", "no"), ("long links, losses", "high", "yes")]


def boxes(values):
    """{group: row of flowbind-stats box} of [(group, value)]."""
    text = campaign.table_text(["group", "value"], values)
    return {row["group"]: row for row in campaign.statistics(text, "box", "--by", "group")[0]}


def curves_of(picture, policies, values, colours, spell):
    """Of (policy, value): a box each, with whiskers, median and outliers. `spell` makes what the axis shows."""
    found, curves = boxes(values), []
    for place, policy in enumerate(policies):
        row = found.get(policy)
        if row is None:
            continue
        at = {name: spell(float(row[name])) for name in
              ("low_whisker", "lower_quartile", "median", "upper_quartile", "high_whisker")}
        box = picture.block([(place, at["lower_quartile"], at["low_whisker"], at["high_whisker"],
                              at["upper_quartile"])])
        middle = picture.block([(place - 0.3, at["median"]), (place + 0.3, at["median"])])
        colour = colours[policy]
        curves += [f"{box} using 1:2:3:4:5:(0.6) with candlesticks linecolor '{colour}' linewidth 1.2 "
                   "fillstyle solid 0.35 border notitle whiskerbars 0.5",
                   f"{middle} using 1:2 with lines linewidth 2 linecolor '{colour}' notitle"]
        outliers = [spell(float(text)) for text in row["outliers"].split()]
        if outliers:
            block = picture.block([(place, value) for value in outliers])
            curves.append(f"{block} using 1:2 with points pointtype 6 pointsize 0.35 linewidth 0.6 "
                          f"linecolor '{colour}' notitle")
    return curves


def names_below(policies, shown):
    """The names of the policies, where they are shown."""
    tics = ", ".join(f"{plot.quote(policy if shown else '')} {place}" for place, policy in enumerate(policies))
    return [f"set xtics ({tics}) rotate by -35 left offset -0.5,0 noenhanced scale 0",
            f"set xrange [-0.6:{len(policies) - 0.4}]"]


def changes(verdicts, traffic, measure, policy):
    """Of the score, against the reference, topology by topology."""
    return [measure.score(verdicts.values[traffic, measure.name, policy, topology])
            - measure.score(verdicts.values[traffic, measure.name, REFERENCE, topology])
            for topology in sorted(verdicts.members[ALL])]


def change_axis(measure, values):
    """Lines of gnuplot, and what makes a place on the axis of a score's change."""
    if not measure.ratio:
        return [f"set ylabel {plot.quote('change of ' + measure.title)}", "unset logscale", "set yrange [*:*]",
                "set ytics autofreq",
                "set arrow 1 from graph 0, first 0 to graph 1, first 0 nohead linecolor '#888888'"], lambda x: x
    most = max(2.0, math.exp(max(abs(value) for value in values)))
    most = 2.0 ** min(5, math.ceil(math.log2(most)))
    tics = ", ".join(f"'{label}' {value}" for label, value in
                     [("1/32", 1 / 32), ("1/16", 1 / 16), ("1/8", 1 / 8), ("1/4", 0.25), ("1/2", 0.5)])
    tics += ", '1' 1, '2' 2, '4' 4, '8' 8, '16' 16, '32' 32"
    return [f"set ylabel {plot.quote('times as ' + ('much' if measure.more_is_better else 'fast'))}",
            "set logscale y 2", f"set ytics ({tics})", f"set yrange [{1 / most}:{most}]",
            "set arrow 1 from graph 0, first 1 to graph 1, first 1 nohead linecolor '#888888'"], math.exp


def panel_of(picture, place, verdicts, traffic, measure, policies, colours):
    values = [(policy, change) for policy in policies for change in changes(verdicts, traffic, measure, policy)]
    lines, spell = change_axis(measure, [change for _, change in values])
    curves = curves_of(picture, policies, values, colours, spell)
    title = f"{measure.kind}, {'with the others' if traffic == TOGETHER else 'alone'}: {measure.title}"
    picture.panel(*place, title, lines + names_below(policies, place[1] == picture.rows - 1), curves)


def draw_kinds(folder, verdicts):
    """A row for each kind of traffic: alone, and all kinds together."""
    policies = [policy for policy in verdicts.policies if policy != REFERENCE]
    shown = [next(measure for measure in MEASURES if measure.kind == kind.name) for kind in KINDS]
    picture = plot.Picture("Which policy for what?",
                           f"change against {REFERENCE} in {len(verdicts.members[ALL])} topologies: up is better; "
                           "boxes are quartiles", 2, len(shown), BOTTOM)
    colours = plot.policy_colours(verdicts.policies)
    for row, measure in enumerate(shown):
        for column, traffic in enumerate((measure.kind, TOGETHER)):
            panel_of(picture, (column, row), verdicts, traffic, measure, policies, colours)
    return plot.draw(folder, "kinds", picture)


def draw_benefit(folder, verdicts):
    """The aggregation benefit of a download alone, by class of topology."""
    picture = plot.Picture("A download over several links",
                           "aggregation benefit: 0 is the best link alone, 1 the sum of all; above "
                           f"{MOST_BENEFIT} not shown",
                           2, 2, BOTTOM)
    colours = plot.policy_colours(verdicts.policies)
    for i, (title, kind, losses) in enumerate(CLASSES):
        values = [(row["policy"], row["value"]) for row in verdicts.rows
                  if row["measure"] == "benefit" and (row["class"], row["losses"]) == (kind, losses)]
        if not values:
            continue
        lines = ["set ylabel 'aggregation benefit'", f"set yrange [-1.05:{MOST_BENEFIT}]", "unset logscale",
                 "set ytics autofreq",
                 "set arrow 1 from graph 0, first 0 to graph 1, first 0 nohead linecolor '#888888'"]
        picture.panel(i % 2, i // 2, title, lines + names_below(verdicts.policies, i // 2 == 1),
                      curves_of(picture, verdicts.policies, values, colours, lambda x: x))
    return plot.draw(folder, "benefit", picture) if picture.panels else []


def draw(folder, verdicts):
    return draw_kinds(folder, verdicts) + draw_benefit(folder, verdicts)
