/* SPDX-License-Identifier: GPL-2.0-only */
#include "options.h"

#include <cerrno>
#include <cstdlib>
#include <filesystem>
#include <iostream>

namespace
{

const char* const HELP =
    R"(usage: flowbind-sim FILE [--policy FILE] [--seed N] [--out DIR] [--chart] [--pcap]
                         [--check] [--quiet]

Simulates a scenario and shows what happened to its flows.

  FILE           the scenario
  --policy FILE  a flow policy to use in place of the scenario's
  --seed N       number of the run, from 1; the same number gives the same results
  --out DIR      folder for the results (flowbind-out/NAME-OF-THE-SCENARIO)
  --chart        show the message sequence chart, which is also in DIR/chart.txt
  --pcap         capture the links
  --check        only look whether FILE and its policy are sound
  --quiet        no progress, no table: only what is wrong, and the chart if it was asked for

Exit code: 0 fine, 1 an expectation of the scenario was not met, 2 wrong input (nothing
was run), 4 results could not be written.
)";

int
Refuse(const std::string& what)
{
    std::cerr << "flowbind-sim: " << what << "\nSay: flowbind-sim --help\n";
    return EXIT_INPUT;
}

bool
ParseSeed(const std::string& text, uint32_t& seed)
{
    if (text.empty() || text.find_first_not_of("0123456789") != std::string::npos)
    {
        return false;
    }
    errno = 0;
    unsigned long long value = std::strtoull(text.c_str(), nullptr, 10);
    if (errno != 0 || value == 0 || value > UINT32_MAX)
    {
        return false;
    }
    seed = value;
    return true;
}

/// An option that stands alone. \return false: it is none of them
bool
ParseFlag(const std::string& word, Options& options)
{
    if (word == "--pcap")
    {
        options.pcap = true;
        return true;
    }
    if (word == "--chart")
    {
        options.chart = true;
        return true;
    }
    if (word == "--check")
    {
        options.check = true;
        return true;
    }
    if (word == "--quiet")
    {
        options.quiet = true;
        return true;
    }
    return false;
}

/// Where an option's value belongs; null: no such option.
std::string*
FindValue(const std::string& word, Options& options, std::string& seed)
{
    if (word == "--policy")
    {
        return &options.policy;
    }
    if (word == "--out")
    {
        return &options.out;
    }
    return word == "--seed" ? &seed : nullptr;
}

/// "--out=DIR" is "--out" "DIR".
void
SplitAtEquals(std::string& word, std::string& value, bool& hasValue)
{
    std::size_t equals = word.find('=');
    hasValue = word.compare(0, 2, "--") == 0 && equals != std::string::npos;
    if (hasValue)
    {
        value = word.substr(equals + 1);
        word.resize(equals);
    }
}

} // namespace

int
ParseOptions(int argc, char* argv[], Options& options)
{
    std::string seed;
    for (int i = 1; i < argc; i++)
    {
        std::string word = argv[i];
        std::string value;
        bool hasValue;
        SplitAtEquals(word, value, hasValue);
        if (word == "--help" || word == "-h")
        {
            std::cout << HELP;
            return EXIT_FINE;
        }
        if (!hasValue && ParseFlag(word, options))
        {
            continue;
        }
        std::string* target = FindValue(word, options, seed);
        if (target == nullptr)
        {
            if (word[0] == '-' || !options.scenario.empty())
            {
                return Refuse(word[0] == '-'
                                  ? "there is no option '" + word + "'"
                                  : "one scenario at a time; '" + word + "' is too much");
            }
            options.scenario = argv[i];
            continue;
        }
        if (!hasValue && ++i == argc)
        {
            return Refuse("a value is missing behind " + word);
        }
        *target = hasValue ? value : argv[i];
        if (target->empty())
        {
            return Refuse("the value of " + word + " is empty");
        }
    }
    if (options.scenario.empty())
    {
        return Refuse("no scenario file was given");
    }
    if (!seed.empty() && !ParseSeed(seed, options.seed))
    {
        return Refuse("--seed takes a whole number from 1 to 4294967295, not '" + seed + "'");
    }
    if (options.out.empty())
    {
        options.out = "flowbind-out/" + std::filesystem::path(options.scenario).stem().string();
    }
    return -1;
}
