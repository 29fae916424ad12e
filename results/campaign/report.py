# SPDX-License-Identifier: BSD-3-Clause
"""report.html: a campaign on one page that needs no other file. Pictures, table, inputs, and how to repeat it."""

import html
import os
import re

STYLE = """
body { font: 16px/1.5 system-ui, sans-serif; color: #222; background: #fff; margin: 2em auto; max-width: 76em;
  padding: 0 1.5em; }
h1 { font-size: 1.7em; margin-bottom: .2em; }
h2 { font-size: 1.2em; margin-top: 2em; border-bottom: 1px solid #ddd; padding-bottom: .2em; }
p.lead { color: #555; margin-top: 0; }
figure { margin: 1em 0; overflow-x: auto; }
figure svg { max-width: 100%; height: auto; min-width: 40em; }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; }
th, td { text-align: left; padding: .25em .8em; border-bottom: 1px solid #eee; white-space: nowrap; }
td.number, th.number { text-align: right; }
thead th { background: #f4f4f4; border-bottom: 2px solid #ccc; position: sticky; top: 0; }
thead th button { all: unset; cursor: pointer; font-weight: 600; }
thead th button:focus-visible { outline: 2px solid #0072B2; }
thead th[aria-sort=ascending] button::after { content: " \\25B2"; }
thead th[aria-sort=descending] button::after { content: " \\25BC"; }
input { font: inherit; padding: .2em .5em; margin: 0 0 .6em; width: 20em; }
tbody tr:hover { background: #f8f8ff; }
pre { background: #f6f6f6; padding: .8em 1em; overflow-x: auto; font-size: .85em; line-height: 1.35; }
dt { font-weight: 600; } dd { margin: 0 0 .5em; overflow-wrap: anywhere; }
"""

# Sorts by a column when its head is clicked, numbers by what they are; shows only rows that contain what is typed.
SCRIPT = """
for (const table of document.querySelectorAll("table.sortable")) {
  const body = table.tBodies[0], heads = [...table.tHead.rows[0].cells];
  const key = (row, i) => row.cells[i].dataset.sort ?? row.cells[i].textContent;
  heads.forEach((head, i) => head.firstElementChild.addEventListener("click", () => {
    const down = head.getAttribute("aria-sort") === "ascending";
    heads.forEach(other => other.removeAttribute("aria-sort"));
    head.setAttribute("aria-sort", down ? "descending" : "ascending");
    const numbers = head.className === "number";
    const compare = (a, b) => numbers ? (a === "" ? 1e308 : +a) - (b === "" ? 1e308 : +b)
                                      : a.localeCompare(b, "en", {numeric: true});
    const rows = [...body.rows].sort((a, b) => compare(key(a, i), key(b, i)));
    body.append(...(down ? rows.reverse() : rows));
  }));
  document.querySelector("input.filter").addEventListener("input", event => {
    const words = event.target.value.toLowerCase().split(/\\s+/);
    for (const row of body.rows)
      row.hidden = !words.every(word => row.textContent.toLowerCase().includes(word));
  });
}
"""


def inline_svg(path, number):
    """A picture as it stands inside a page: names that it defines are its own."""
    with open(path, encoding="utf-8") as file:
        text = file.read()
    text = text[text.index("<svg"):]
    for name in set(re.findall(r"\bid='([^']+)'", text)) | set(re.findall(r'\bid="([^"]+)"', text)):
        own = f"p{number}-{name}"
        for before, after in (("id='", "'"), ('id="', '"'), ("href='#", "'"), ('href="#', '"'), ("url(#", ")")):
            text = text.replace(before + name + after, before + own + after)
    return re.sub(r"<title>.*?</title>", "", text, count=1, flags=re.DOTALL)


def cell(tag, content, number=False, sort=None):
    attributes = (' class="number"' if number else "") + (f' data-sort="{html.escape(str(sort))}"'
                                                           if sort is not None else "")
    return f"<{tag}{attributes}>{content}</{tag}>"


def table(columns, rows):
    """`columns` are (name, whether it holds numbers); a cell is a text, or (text, number to sort by)."""
    heads = "".join(cell("th", f"<button>{html.escape(name)}</button>", number) for name, number in columns)
    lines = []
    for row in rows:
        cells = ((item if isinstance(item, tuple) else (item, None), number) for item, (_, number) in zip(row, columns))
        lines.append("<tr>" + "".join(cell("td", html.escape(text), number, "" if number and sort is None else sort)
                                      for (text, sort), number in cells) + "</tr>")
    body = "\n".join(lines)
    return (f'<input class="filter" type="search" placeholder="show only rows with …" aria-label="filter">\n'
            f'<div class="scroll"><table class="sortable">\n<thead><tr>{heads}</tr></thead>\n<tbody>\n{body}\n</tbody>'
            "</table></div>")


def origin(campaign, wanted, command):
    """How to repeat it: [(name, text)], from what the runs themselves say."""
    records = [campaign.record(key, seed) for key, seed in wanted]
    seeds = sorted({record["seed"] for record in records})
    several = seeds == list(range(seeds[0], seeds[-1] + 1)) and len(seeds) > 2
    return [
        ("command", command),
        ("commit", ", ".join(sorted({record["commit"] for record in records}))),
        ("ns-3", ", ".join(sorted({record["ns3"] for record in records}))),
        ("build (SHA-256 of the simulator and its libraries)",
         ", ".join(sorted({record["build"] for record in records}))),
        ("seeds", f"{seeds[0]} to {seeds[-1]}" if several else ", ".join(map(str, seeds))),
        ("scenarios (SHA-256, first 16 digits)", ", ".join(sorted({record["scenario"] for record in records}))),
        ("runs", f"{len(records)}, {sum(record['seconds'] for record in records):.0f} s of them in all"),
    ]


def read_inputs(paths):
    """[(name, text)] of those that are files."""
    found = []
    for path in dict.fromkeys(paths):
        if os.path.isfile(path):
            with open(path, encoding="utf-8") as file:
                found.append((path, file.read()))
    return found


def page(title, lead, pictures, tabled, inputs, repeat):
    """`lead` are paragraphs, `pictures` SVG files, `tabled` is what table() made, the rest [(name, text)]."""
    figures = "\n".join(f'<figure role="img" aria-label="{html.escape(title)}">{inline_svg(path, i)}</figure>'
                        for i, path in enumerate(pictures))
    leads = "\n".join(f'<p class="lead">{html.escape(text)}</p>' for text in lead)
    files = "\n".join(f"<details><summary>{html.escape(name)}</summary><pre>{html.escape(text)}</pre></details>"
                      for name, text in inputs)
    how = "\n".join(f"<dt>{html.escape(name)}</dt><dd><code>{html.escape(text)}</code></dd>" for name, text in repeat)
    return f"""<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; \
script-src 'unsafe-inline'; img-src data:">
<link rel="icon" href="data:,">
<title>{html.escape(title)}</title>
<style>{STYLE}</style>
</head>
<body>
<h1>{html.escape(title)}</h1>
{leads}
{figures or "<p>There is no picture: without gnuplot, or with a full disk, none is drawn.</p>"}
<h2>Figures</h2>
{tabled}
<h2>Inputs</h2>
{files}
<h2>To repeat it</h2>
<dl>
{how}
</dl>
<script>{SCRIPT}</script>
</body>
</html>
"""
