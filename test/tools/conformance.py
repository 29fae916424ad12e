#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""Writes doc/conformance.md: which requirement is implemented where, which test shows it, and whether that passed.

usage: conformance.py [--check]

  --check   writes nothing; complains about what is wrong, or about a document that is not what would be written

Requirements come from test/rfc/requirements.tsv; where they are implemented, from the ids and clauses that comments in
core-c/ and model/ cite; tests, from what they claim by requirement("id", ...). A cmocka test calls it; a test case of
ns-3, a scenario or a script has it in a comment. "shown" stands in the document only when the cmocka tests that claim
the row just ran and passed, so this needs the test programs: FLOWBIND_BUILD is the build folder, which
"./flowbind build core" fills.
"""

import bisect
import collections
import glob
import os
import re
import subprocess
import sys

import sources

ROOT = sources.ROOT
LIST = "test/rfc/requirements.tsv"
DOCUMENT = "doc/conformance.md"
ID = r"(?:R\d{4}-[\d.]+-\d+|B\d{4}-\d+|B-[A-Z]+-\d+|[CD]8?-\d+|[MNPSD]\d\d)"
CITED = re.compile(r"(?<![\w-])(?:R\d{4}-[\d.]+-\d+|B\d{4}-\d+|B-[A-Z]+-\d+|[CD]8?-\d\d)(?![\w-])")
CLAIM = re.compile(r"\brequirement\(([^()]*)\)")
CLAUSE = re.compile(r"\bRFC (\d{4}) (\d[\d.]*\d|\d)((?:(?:, | and |-| [a-z], )\d[\d.]*(?<!\.))*)")
COMMENT = re.compile(r'/\*.*?\*/|//[^\n]*|"(?:\\.|[^"\\\n])*"', re.DOTALL)
LEVELS = ["M", "S", "m", "b", "E", "X", "O", "-"]
SHOWN, SIMULATED, PARTLY, FAILS, NOT_YET = "shown", "shown in simulation", "**partly**", "**fails**", "**not yet**"

Row = collections.namedtuple("Row", "id level roles clause text open", defaults=[""])
Claim = collections.namedtuple("Claim", "id path test")  # test: name of the function; "" for the whole file
Place = collections.namedtuple("Place", "path item")


# ---------------------------------------------------------------------------------------------------------------------
# Reading the list, the claims, the citations, the results


def read_list(text):
    """([(heading, [Row])], complaints)."""
    tables, complaints, seen = [], [], set()
    for number, line in enumerate(text.splitlines(), 1):
        if line.startswith("## "):
            tables.append((line[3:], []))
        elif line and not line.startswith("#"):
            row = Row(*line.split("\t")) if line.count("\t") in (4, 5) else None
            if not row or not tables or row.level not in LEVELS or not re.fullmatch(ID, row.id):
                complaints.append(f"{LIST}:{number}: not a heading, nor id, level, roles, clause, text between tabs")
                continue
            if row.id in seen:
                complaints.append(f"{LIST}:{number}: {row.id} is listed twice")
            seen.add(row.id)
            tables[-1][1].append(row)
    return tables, complaints


def blank_comments(text):
    """The text with comments and strings blanked character by character, so that offsets stay."""
    return COMMENT.sub(lambda m: re.sub(r"[^\n]", " ", m[0]), text)


def name_of(head):
    """What a declaration or the head of a definition declares."""
    for pattern in (
        r"^\s*#\s*define\s+(\w+)",
        r"^\s*(?:typedef\s+)?(?:struct|enum|union|class)\s+(\w+)\s*(?:$|[{:;])",
        r"([\w:~]+)\s*\(",
        r"(\w+)\s*(?:\[[^\]]*\]\s*)*=",
    ):
        found = re.search(pattern, head)
        if found:
            return found[1]
    return ""


class Items:
    """Which function, table or type of a C or C++ file an offset belongs to: those begin and end in column 0."""

    def __init__(self, text):
        self.text, self.code = text, blank_comments(text)
        self.bodies = []
        start, head = None, []
        for line in re.finditer(r"[^\n]*\n?", self.code):
            words = line[0].strip()
            if start is not None:
                if line[0].startswith("}"):
                    name = name_of("\n".join(head)) or re.sub(r"\W", "", words)
                    self.bodies.append((start, line.end(), name))
                    start, head = None, []
            elif words == "{" and head and not head[-1].startswith("namespace"):
                start = line.start() - sum(len(h) + 1 for h in head)
            elif words.endswith("{") and words != "{" and not words.startswith("namespace"):
                start, head = line.start(), head + [words]
            elif not words or words.endswith((";", "}")) or words.startswith(("#", "{")):
                head = []
            else:
                head.append(line[0].rstrip("\n"))
        self.starts = [body[0] for body in self.bodies]

    def at(self, offset):
        """The name of the item at this offset, or of the next one for a comment between items; "": it is the file's."""
        index = bisect.bisect_right(self.starts, offset) - 1
        if index >= 0 and offset < self.bodies[index][1]:
            return self.bodies[index][2]
        start = self.text.rfind("\n", 0, offset) + 1
        comment = next((m for m in COMMENT.finditer(self.text) if m.start() <= offset < m.end()), None)
        if comment and "@file" in comment[0]:
            return ""
        found = re.compile(r"^[^\n]*\S[^\n]*$", re.MULTILINE).search(self.code, start)
        if not found:
            return ""
        if found[0].startswith("#"):
            return name_of(found[0])
        return name_of(re.split(r"[;{]", self.code[found.start() :], 1)[0])


def claims_of(path, text):
    """What a test file claims. In scripts and scenarios only comments count, and they speak for the file."""
    c_like = path.endswith((".c", ".cc"))
    items = Items(text) if c_like else None
    claims = []
    for found in CLAIM.finditer(text):
        line = text[text.rfind("\n", 0, found.start()) + 1 : found.start()]
        if not c_like and not re.fullmatch(r"\s*#\s*", line):
            continue
        test = items.at(found.start()) if items else ""
        claims += [Claim(id, path, test) for id in re.findall(r'"([^"]*)"', found[1])]
    return claims


def cites_of(path, text):
    """({id: [Place]}, {(RFC, clause): [Place]}): what comments of a source cite."""
    items, ids, clauses = Items(text), {}, {}
    for comment in COMMENT.finditer(text):
        if comment[0].startswith('"'):
            continue
        for found in CITED.finditer(comment[0]):
            place = Place(path, items.at(comment.start() + found.start()))
            ids.setdefault(found[0], []).append(place)
        for found in CLAUSE.finditer(comment[0]):
            place = Place(path, items.at(comment.start() + found.start()))
            for clause in [found[2]] + re.findall(r"\d[\d.]*", found[3]):
                clauses.setdefault((found[1], clause), []).append(place)
    return ids, clauses


def results_of(tap):
    """{test: (passed, [ids it printed])} of a cmocka program's TAP output."""
    results, ids = {}, []
    for line in tap.splitlines():
        verdict = re.match(r"(ok|not ok) \d+ - (\w+)", line)
        if verdict:
            results[verdict[2]] = (verdict[1] == "ok", ids)
            ids = []
        elif re.fullmatch(rf"#(?: {ID})+", line):
            ids += line[2:].split()
    return results


# ---------------------------------------------------------------------------------------------------------------------
# Judging


def is_cmocka(path):
    return path.endswith(".c")


def judge_claims(rows, claims, results):
    """Complaints about claims: of ids nobody listed, of tests that did not pass or did not say so when they ran."""
    unknown = [claim for claim in claims if claim.id not in rows]
    complaints = [f"{c.path}: {c.test or 'it'} claims {c.id}, which is not in {LIST}" for c in unknown]
    by_test = collections.defaultdict(list)
    for claim in claims:
        if is_cmocka(claim.path):
            by_test[(claim.path, claim.test)].append(claim.id)
    for (path, test), ids in sorted(by_test.items()):
        passed, printed = results.get(path, {}).get(test, (None, []))
        if passed is None:
            complaints.append(f"{path}: {test} claims {' '.join(ids)} but is not a test that ran")
        elif not passed:
            complaints.append(f"{path}: {test} claims {' '.join(ids)} but failed")
        elif sorted(printed) != sorted(ids):
            complaints.append(f"{path}: {test} claims {' '.join(ids)} but said {' '.join(printed) or 'nothing'}")
    for path, tests in sorted(results.items()):
        for test, (_, printed) in sorted(tests.items()):
            if printed and (path, test) not in by_test:
                complaints.append(f"{path}: {test} said {' '.join(printed)} by a helper; let the test itself do so")
    return complaints


def status_of(row, claims, results):
    """Of a row with these claims."""
    run = [results.get(c.path, {}).get(c.test, (False, []))[0] for c in claims if is_cmocka(c.path)]
    if not claims:
        return NOT_YET
    if not run:
        return PARTLY if row.open else SIMULATED
    if not all(run):
        return FAILS
    return PARTLY if row.open else SHOWN


# ---------------------------------------------------------------------------------------------------------------------
# Writing


def places_text(places):
    """Links to files, each followed by its items."""
    by_path = {}
    for path, item in sorted(set(places)):
        by_path.setdefault(path, []).extend([f"`{item}`"] if item else [])
    return "<br>".join(f"[{os.path.basename(p)}](../{p}) {', '.join(i)}".rstrip() for p, i in by_path.items())


def percent(part, whole):
    return f"{100 * part // whole} %" if whole else "-"


def clause_of(heading, row):
    """(RFC, clause) of a row; None for a correction, which has none."""
    own = re.fullmatch(r"RFC (\d{4})(?: ([\d.]+))?", row.clause)
    rfc = own[1] if own else (re.search(r"RFC (\d{4})", heading) or [None, None])[1]
    number = own[2] if own else row.clause
    return (rfc, number) if rfc and number and re.fullmatch(r"[\d.]+", number) else None


PROXY = re.compile(r"B(?:6275|5213|4283|6543|5844|5845|7148|5094|5847|6089|5648|7864|7109)-")

GROUPS = [
    ("RFC 7629", lambda row: row.id.startswith("R7629")),
    ("decisions D", lambda row: re.match(r"D-", row.id)),
    ("corrections C", lambda row: re.match(r"C-", row.id)),
    ("base RFCs of Mobile IPv4, essential", lambda row: row.level == "E" and not PROXY.match(row.id)),
    ("base RFCs of Mobile IPv4, expected", lambda row: row.level == "X" and not PROXY.match(row.id)),
    ("base RFCs of Mobile IPv4, optional", lambda row: row.level == "O" and not PROXY.match(row.id)),
    ("RFC 8278", lambda row: row.id.startswith("R8278")),
    ("decisions D8", lambda row: re.match(r"D8-", row.id)),
    ("corrections C8", lambda row: re.match(r"C8-", row.id)),
    ("base RFCs of Proxy Mobile IPv6, essential", lambda row: row.level == "E" and PROXY.match(row.id)),
    ("base RFCs of Proxy Mobile IPv6, expected", lambda row: row.level == "X" and PROXY.match(row.id)),
    ("base RFCs of Proxy Mobile IPv6, optional", lambda row: row.level == "O" and PROXY.match(row.id)),
    ("octet-exact messages", lambda row: re.fullmatch(r"[MNPSD]\d\d", row.id)),
]

INTRODUCTION = """\
# Conformance

Which requirement is implemented where, and which test shows it. `test/tools/conformance.py` writes this page from
[the list of requirements](../{list}), comments and tests; do not edit it. `./flowbind test` runs the
tests named here, and fails when this page is not what they show.

Levels: of RFC 7629 and 8278 **M** must, **S** should, **m** may, **b** stated without such a word; of the RFCs below
them **E** essential, **X** expected, **O** optional. Roles: mobile node, home agent, foreign agent, mobile access
gateway, local mobility anchor; codec: reading and writing; fwd: forwarding. *Code* names what cites the row itself, or
§ and the clause, whose code stands above the table.

Status: **shown**: every test named in the row ran and passed. **shown in simulation**: the test belongs to ns-3 or a
scenario, which `./flowbind test` runs as a group of its own. **partly**: the same, but for what *open* says. **not
yet**: no test shows it.
"""


def render_summary(tables, status):
    lines = ["| | rows | shown | partly | not yet | |", "|---|--:|--:|--:|--:|--:|"]
    missing = []
    for title, belongs in GROUPS:
        group = [row for _, table in tables for row in table if belongs(row)]
        shown, partly, none = (
            [row.id for row in group if status[row.id] in kinds]
            for kinds in ((SHOWN, SIMULATED), (PARTLY,), (NOT_YET, FAILS))
        )
        counts = f"{len(group)} | {len(shown)} | {len(partly)} | {len(none)} | {percent(len(shown), len(group))}"
        lines.append(f"| {title} | {counts} |")
        missing += [f"* {title}, partly: {' '.join(partly)}"] if partly else []
        missing += [f"* {title}, not yet: {' '.join(none)}"] if none else []
    return lines + ["", "What is missing:", ""] + (missing or ["* nothing"])


def render(tables, claims, cites, clauses, results):
    """The document."""
    by_id = collections.defaultdict(list)
    for claim in claims:
        by_id[claim.id].append(claim)
    status = {row.id: status_of(row, by_id[row.id], results) for _, table in tables for row in table}
    lines = INTRODUCTION.format(list=LIST).splitlines() + [""] + render_summary(tables, status)
    for heading, table in tables:
        own = dict.fromkeys(clause_of(heading, row) for row in table)
        cited = [clause for clause in own if clause and clause in clauses]
        lines += ["", f"## {heading}", ""]
        for rfc, number in cited:
            lines += [f"RFC {rfc} {number}: {places_text(clauses[(rfc, number)]).replace('<br>', '; ')}", ""]
        lines += ["| id | | roles | § | | code | tests | status |", "|---|---|---|---|---|---|---|---|"]
        for row in table:
            tests = places_text(Place(c.path, c.test) for c in by_id[row.id])
            clause = clause_of(heading, row)
            code = places_text(cites.get(row.id, [])) or (f"§ {clause[1]}" if clause in cited else "")
            text = f"{row.text} *Open: {row.open}.*" if row.open else row.text
            cells = [row.id, row.level, row.roles, row.clause, text, code, tests, status[row.id]]
            lines.append("| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |")
    return "\n".join(lines) + "\n"


# ---------------------------------------------------------------------------------------------------------------------
# The project


def read(path):
    with open(os.path.join(ROOT, path), encoding="utf-8") as file:
        return file.read()


def listed(*kinds):
    return [words[-1] for kind, words in sources.read_list(read("sources.list")) if kind in kinds]


def test_files():
    """Every file that may claim something."""
    scripts = glob.glob("test/tools/test_*.py", root_dir=ROOT)
    scenarios = glob.glob("examples/scenarios/*.yaml", root_dir=ROOT)
    return listed("core-test", "rfc-test", "ns3-test") + sorted(scripts + scenarios)


def source_files():
    """Every file whose comments may say where something is implemented."""
    paths = [words[-1] for kind, words in sources.read_list(read("sources.list")) if kind != "ns3-module"]
    return [path for path in paths if path.startswith(("core-c/", "model/"))]


def program_of(path, build):
    return os.path.join(build, "tests", os.path.splitext(os.path.basename(path))[0])


def run(path, build):
    """The TAP output of the program of a cmocka test."""
    environment = dict(os.environ, CMOCKA_MESSAGE_OUTPUT="TAP")
    try:
        done = subprocess.run([program_of(path, build)], env=environment, capture_output=True, timeout=600, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return done.stdout.decode(errors="replace")


def survey(build):
    """(the document, or None without the test programs; complaints) of the project and the tests in a build folder."""
    tables, complaints = read_list(read(LIST))
    rows = {row.id for _, table in tables for row in table}
    claims = [claim for path in test_files() for claim in claims_of(path, read(path))]
    cites, clauses = collections.defaultdict(list), collections.defaultdict(list)
    for path in source_files():
        for found, all_found in zip(cites_of(path, read(path)), (cites, clauses)):
            for key, places in found.items():
                all_found[key] += places
    for id, places in sorted(cites.items()):
        if id not in rows:
            complaints.append(f"{places[0].path}: {places[0].item or 'it'} cites {id}, which is not in {LIST}")
    programs = sorted({claim.path for claim in claims if is_cmocka(claim.path)})
    missing = [path for path in programs if not os.access(program_of(path, build), os.X_OK)]
    if missing:
        return None, [f"{program_of(missing[0], build)} does not exist; ./flowbind build core builds it"]
    results = {path: results_of(run(path, build)) for path in programs}
    complaints += judge_claims(rows, claims, results)
    return render(tables, claims, cites, clauses, results), complaints


def compare(document, expected):
    """Complaints about a document that is not the expected one."""
    if document == expected:
        return []
    old, new = document.splitlines(), expected.splitlines()
    line = next((i for i, (a, b) in enumerate(zip(old, new)) if a != b), min(len(old), len(new)))
    return [f"{DOCUMENT}:{line + 1}: not what the tests show; run test/tools/conformance.py and commit what it writes"]


def check(build):
    """All complaints about the project."""
    document, complaints = survey(build)
    if document is None:
        return complaints
    path = os.path.join(ROOT, DOCUMENT)
    return complaints + compare(read(DOCUMENT) if os.path.exists(path) else "", document)


def main(arguments):
    if not set(arguments) <= {"--check"}:
        print(__doc__, file=sys.stderr)
        return 2
    build = os.path.abspath(os.environ.get("FLOWBIND_BUILD") or os.path.join(ROOT, "build"))
    if arguments:
        complaints = check(build)
    else:
        document, complaints = survey(build)
        if document is not None:
            with open(os.path.join(ROOT, DOCUMENT), "w", encoding="utf-8") as file:
                file.write(document)
    print("\n".join(complaints), end="\n" if complaints else "")
    return 1 if complaints else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
