#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""doc/conformance.md is what the tests show; and the tool that says so finds fault with what is wrong."""

import os
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import conformance  # pylint: disable=wrong-import-position

BUILD = os.environ.get("FLOWBIND_BUILD") or os.path.join(conformance.ROOT, "build")
TABLES = (
    "# a comment\n\n## RFC 7629 5.1: mobile node\n"
    "R7629-5.1-01\tb\tMN\t5.1\tRegisters.\nR7629-5.1-02\tM\tMN\t5.1\tRegisters more.\n"
    "## RFC 2003\nB2003-01\tE\tfwd\tRFC 2003 3.1\tTunnels.\n"
)
TEST = """\
/* requirement() is called by each test */
static void
test_first(void **state)
{
    requirement("R7629-5.1-01",
                "D-02");
}

/* requirement 2 */
static void
test_second(void **state)
{
    requirement("R7629-5.1-01");
}
"""
TAP = """\
1..2
# R7629-5.1-01 D-02
ok 1 - test_first
# R7629-5.1-01
# error: 1 != 2
not ok 2 - test_second
"""
SOURCE = """\
/**
 * @file
 * D-01 is everywhere; RFC 7629 4.1.
 */

#define TRIES 3 /* D-02 */

typedef struct queue
{
    int length; /**< D-03 */
} queue;

static const int table[] = {
    1, /* D-04 */
};

/** D-05, of RFC 7629 5.1, 5.2 and RFC 5944 3.6.2.1 b, 5.7.1. */
static int
first(int a,
      int b)
{
    return a + b; /* D-06, but "D-99" is not text: D-069, AD-06 */
}

static const char *
second(void)
{
    return "D-07";
}

/** D-08 */
int third(int a);
"""
HOST = "namespace ns3\n{\n\n// D-01\nvoid\nAgent::Start(int a)\n{\n    // D-02\n}\n\n} // namespace ns3\n"
SUITE = """\
/// requirement("D-01"): a case.
class Case : public TestCase
{
};

void
Case::DoRun()
{
    // requirement("D-02")
}
"""


def rows_of(text):
    tables, _ = conformance.read_list(text)
    return [(heading, [row.id for row in table]) for heading, table in tables]


def listing(text):
    """How many complaints about a list."""
    return len(conformance.read_list(text)[1])


def claims(path, text):
    return [(claim.test, claim.id) for claim in conformance.claims_of(path, text)]


def cites(path, text):
    """{id: names of the items} that a source cites."""
    return {id: [place.item for place in places] for id, places in conformance.cites_of(path, text)[0].items()}


def clauses():
    return sorted(conformance.cites_of("a.c", SOURCE)[1])


def judged(text, results, rows=("R7629-5.1-01", "D-02")):
    """What is said of the claims of a test file that had these results."""
    found = conformance.claims_of("a.c", text)
    return [complaint.split(": ", 1)[1] for complaint in conformance.judge_claims(set(rows), found, {"a.c": results})]


def status(results, *paths, still_open=""):
    """Of a row that test_first of these files claims."""
    row = conformance.Row("D-02", "-", "HA", "5.2", "Text.", still_open)
    found = [conformance.Claim("D-02", path, "test_first") for path in paths]
    return conformance.status_of(row, found, {"a.c": results, "b.c": {"test_first": (True, [])}})


def rendered(results):
    """Some cells of a document: of two groups in its summary, and of each row."""
    tables, _ = conformance.read_list(TABLES)
    found, places = conformance.claims_of("a.c", TEST), [conformance.Place("core-c/x.c", "f")]
    text = conformance.render(tables, found, {}, {("2003", "3.1"): places}, {"a.c": results})
    starts = ("| RFC 7629", "| R7", "| B", "| base RFCs of Mobile IPv4, essential")
    table = [line.split(" | ") for line in text.splitlines() if line.startswith(starts)]
    return [(cells[0][2:], cells[-3].strip(), cells[-1].rstrip(" |")) for cells in table]


PASSED = {"test_first": (True, ["R7629-5.1-01", "D-02"]), "test_second": (True, ["R7629-5.1-01"])}
FAILED = dict(PASSED, test_second=(False, ["R7629-5.1-01"]))
SILENT = dict(PASSED, test_second=(True, []))
HELPER = dict(PASSED, test_third=(True, ["D-02"]))

CASES = [
    ("a list", rows_of(TABLES), [("RFC 7629 5.1: mobile node", ["R7629-5.1-01", "R7629-5.1-02"]),
                                 ("RFC 2003", ["B2003-01"])]),
    ("a good list", listing(TABLES), 0),
    ("an id listed twice", listing(TABLES + "R7629-5.1-01\tb\tMN\t5.1\tAgain.\n"), 1),
    ("a row with four columns", listing(TABLES + "R7629-5.1-03\tb\tMN\tRegisters.\n"), 1),
    ("a row with a level nobody knows", listing(TABLES + "R7629-5.1-03\tQ\tMN\t5.1\tRegisters.\n"), 1),
    ("a row with an id of no kind", listing(TABLES + "X-03\tb\tMN\t5.1\tRegisters.\n"), 1),
    ("claims", claims("a.c", TEST), [("test_first", "R7629-5.1-01"), ("test_first", "D-02"),
                                     ("test_second", "R7629-5.1-01")]),
    ("claims of a scenario", claims("a.yaml", '# requirement("D-01")\nname: x\n'), [("", "D-01")]),
    ("what is no comment claims nothing", claims("a.py", 'x = \'requirement("D-01")\'\n'), []),
    ("claims of ns-3", claims("a.cc", SUITE), [("Case", "D-01"), ("Case::DoRun", "D-02")]),
    ("citations", cites("a.c", SOURCE), {"D-01": [""], "D-02": ["TRIES"], "D-03": ["queue"], "D-04": ["table"],
                                         "D-05": ["first"], "D-06": ["first"], "D-99": ["first"], "D-08": ["third"]}),
    ("citations in C++", cites("a.cc", HOST), {"D-01": ["Agent::Start"], "D-02": ["Agent::Start"]}),
    ("clauses", clauses(), [("5944", "3.6.2.1"), ("5944", "5.7.1"), ("7629", "4.1"), ("7629", "5.1"), ("7629", "5.2")]),
    ("results", conformance.results_of(TAP), FAILED),
    ("claims that passed", judged(TEST, PASSED), []),
    ("an unknown id", judged(TEST, PASSED, ["R7629-5.1-01"]), ["test_first claims D-02, which is not in "
                                                              + conformance.LIST]),
    ("a test that failed", judged(TEST, FAILED), ["test_second claims R7629-5.1-01 but failed"]),
    ("a test that did not run", len(judged(TEST, {})), 2),
    ("a claim that was not reached", judged(TEST, SILENT), ["test_second claims R7629-5.1-01 but said nothing"]),
    ("a claim in a helper", len(judged(TEST, HELPER)), 1),
    ("no claim", status(PASSED), conformance.NOT_YET),
    ("a test passed", status(PASSED, "a.c"), conformance.SHOWN),
    ("one of two tests failed", status({"test_first": (False, [])}, "a.c", "b.c"), conformance.FAILS),
    ("a test is not there", status({}, "a.c"), conformance.FAILS),
    ("a part is open", status(PASSED, "a.c", still_open="69"), conformance.PARTLY),
    ("a part is open, but there is no test at all", status(PASSED, still_open="69"), conformance.NOT_YET),
    ("a part is open in a simulation", status(PASSED, "a.cc", still_open="69"), conformance.PARTLY),
    ("a simulation only", status(PASSED, "a.cc"), conformance.SIMULATED),
    ("a document", rendered(PASSED), [("RFC 7629", "0", "50 %"),
                                      ("base RFCs of Mobile IPv4, essential", "0", "0 %"),
                                      ("R7629-5.1-01", "", conformance.SHOWN),
                                      ("R7629-5.1-02", "", conformance.NOT_YET),
                                      ("B2003-01", "§ 3.1", conformance.NOT_YET)]),
    ("a document of a failure", rendered(FAILED)[2][2], conformance.FAILS),
    ("the document as it should be", conformance.compare("a\nb\n", "a\nb\n"), []),
    ("another document", conformance.compare("a\nb\n", "a\nc\n")[0].split(":")[1], "2"),
    ("no document", len(conformance.compare("", "a\n")), 1),
    ("tests that are not built", conformance.check(os.getcwd())[0].split("; ")[1], "./flowbind build core builds it"),
    ("this project", conformance.check(BUILD), []),
]


def main():
    failed = [(name, got, expected) for name, got, expected in CASES if got != expected]
    for name, got, expected in failed:
        print(f"{name}: got {got}, expected {expected}")
    print(f"{len(CASES) - len(failed)} passed, {len(failed)} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
