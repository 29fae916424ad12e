// SPDX-License-Identifier: GPL-2.0-only

// Runs the test suites that are linked to it, outside an ns-3 tree (inside one, ns-3's test-runner does).

#include "ns3/test.h"

int
main(int argc, char** argv)
{
    return ns3::TestRunner::Run(argc, argv);
}
