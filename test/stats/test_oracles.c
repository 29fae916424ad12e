/* SPDX-License-Identifier: BSD-3-Clause */

/* Every closed form against a value that was published, or worked out by hand, elsewhere. */
#include "oracle.h"

#include <gsl/gsl_math.h>
#include <gsl/gsl_sf_expint.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

/* Answers "edpf-fluid" of "rates=10M,5M delays=..."; fails when the oracle refuses. */
static fbs_answer
ask(const char* name, const char* words)
{
    const fbs_oracle* oracle = fbs_oracle_find(name);
    assert_non_null(oracle);
    fbs_list values[FBS_PARAMETERS] = {{.count = 0}};
    char text[400];
    for (size_t i = 0; i < FBS_PARAMETERS && oracle->parameters[i].name != NULL; i++)
    {
        const fbs_parameter* p = &oracle->parameters[i];
        char key[64];
        snprintf(key, sizeof(key), "%.*s=", (int)strcspn(p->name, "*"), p->name);
        const char* at = strstr(words, key);
        if (at == NULL)
        {
            assert_non_null(p->preset);
            assert_true(fbs_list_parse(p->preset, &values[i]));
            continue;
        }
        at += strlen(key);
        snprintf(text, sizeof(text), "%.*s", (int)strcspn(at, " "), at);
        assert_true(fbs_list_parse(text, &values[i]));
    }
    fbs_answer answer = {.list = {.count = 0}};
    const char* wrong = "";
    if (!oracle->compute(values, &answer, &wrong))
    {
        print_error("%s %s: %s\n", name, words, wrong);
        fail();
    }
    return answer;
}

typedef struct
{
    const char *name, *words;
    int result;
    double value, tolerance; /* relative */
} reference;

static void
check(const reference* table, size_t count)
{
    for (size_t i = 0; i < count; i++)
    {
        const reference* r = &table[i];
        double is = ask(r->name, r->words).value[r->result];
        if (!(fabs(is - r->value) <= r->tolerance * fabs(r->value)))
        {
            print_error("%s %s: %.9g, not %.9g\n", r->name, r->words, is, r->value);
        }
        assert_true(fabs(is - r->value) <= r->tolerance * fabs(r->value));
    }
}

#define CHECK(table) check(table, sizeof(table) / sizeof((table)[0]))

/* RFC 2992 section 3 works out 3/10 and 7/20; its bounds are 1/2 and, for an odd number of paths, 1/4 + 1/(4N). */
static void
test_hashes_as_in_rfc_2992(void** state)
{
    (void)state;
    static const reference TABLE[] = {
        {"hash-threshold", "paths=5 lost=3", 0, 3. / 10, 1e-12},
        {"hash-threshold", "paths=5 lost=4", 0, 7. / 20, 1e-12},
        {"hash-threshold", "paths=5 lost=1", 0, 1. / 2, 1e-12},
        {"hash-threshold", "paths=7 lost=7", 0, 1. / 2, 1e-12},
        {"hash-threshold", "paths=7 lost=4", 0, 0.25 + 1. / 28, 1e-12},
        {"hash-threshold", "paths=4 lost=2", 0, 1. / 3, 1e-12},
        {"modulo-hash", "paths=5", 0, 4. / 5, 1e-12},
        {"highest-random-weight", "weights=1,1,1,1,1 lost=2", 0, 1. / 5, 1e-12},
        {"highest-random-weight", "weights=20,10,1 lost=1", 0, 20. / 31, 1e-12},
    };
    CHECK(TABLE);
    /* The regions themselves, cut anew: the formula is the part of the key space whose path changes. */
    for (int n = 2; n < 40; n++)
    {
        for (int lost = 1; lost <= n; lost++)
        {
            long units = (long)n * (n - 1), moved = 0;
            for (long unit = 0; unit < units; unit++)
            {
                long before = unit / (n - 1), after = unit / n;
                after += after >= lost - 1;
                moved += before != after;
            }
            char words[64];
            snprintf(words, sizeof(words), "paths=%d lost=%d", n, lost);
            assert_true(fabs(ask("hash-threshold", words).value[0] -
                             (double)moved / (double)units) < 1e-12);
        }
    }
}

/* Flows that take all they get, over 20, 10 and 1 Mbit/s. */
static void
test_elastic_flows(void** state)
{
    (void)state;
    static const double FLOWS[] = {1, 2, 3, 5, 10, 20};
    static const double EQUAL[] = {10.333, 17.222, 21.815, 26.918, 30.462, 30.991};
    static const double BY_RATE[] = {16.161, 22.956, 26.091, 28.612, 30.075, 30.477};
    for (size_t i = 0; i < 6; i++)
    {
        char words[100];
        snprintf(words, sizeof(words), "rates=20M,10M,1M flows=%g", FLOWS[i]);
        assert_true(fabs(ask("elastic-hash", words).value[0] / 1e6 - EQUAL[i]) < 0.0006);
        snprintf(words, sizeof(words), "rates=20M,10M,1M weights=20,10,1 flows=%g", FLOWS[i]);
        assert_true(fabs(ask("elastic-hash", words).value[0] / 1e6 - BY_RATE[i]) < 0.0006);
    }
}

/* WLAN 10 Mbit/s 10 ms, LTE 5 Mbit/s 40 ms, CDMA 0.6 Mbit/s 200 ms: the delay is that of the last path in use. */
static void
test_edpf_fills_paths_in_order(void** state)
{
    (void)state;
    static const struct
    {
        const char* load;
        double delay, share[3];
    } TABLE[] = {{"9M", 0.0112, {1, 0, 0}},
                 {"10.5M", 0.0424, {.9524, .0476, 0}},
                 {"12M", 0.0424, {.8333, .1667, 0}},
                 {"14M", 0.0424, {.7143, .2857, 0}},
                 {"15.2M", 0.220, {.6579, .3289, .0132}}};
    for (size_t i = 0; i < 5; i++)
    {
        char words[120];
        snprintf(words,
                 sizeof(words),
                 "rates=10M,5M,0.6M delays=.01,.04,.2 load=%s",
                 TABLE[i].load);
        fbs_answer answer = ask("edpf-fluid", words);
        assert_true(fabs(answer.value[0] - TABLE[i].delay) < 1e-9);
        for (size_t k = 0; k < 3; k++)
        {
            assert_true(fabs(answer.list.value[k] - TABLE[i].share[k]) < 0.00006);
        }
    }
}

/* n:m over 10 and 5 Mbit/s: the tent whose top is the ratio of the rates, and UDP that offers 20 Mbit/s. */
static void
test_weighted(void** state)
{
    (void)state;
    static const char* const WEIGHTS[] = {"1,1", "2,1", "3,1", "3,2", "4,1", "1,2"};
    static const double CAPACITY[] = {10, 15, 40. / 3, 12.5, 12.5, 7.5};
    static const double GOODPUT[] = {15, 15, 15, 15, 14, 35. / 3};
    for (size_t i = 0; i < 6; i++)
    {
        char words[100];
        snprintf(words, sizeof(words), "rates=10M,5M weights=%s load=20M", WEIGHTS[i]);
        fbs_answer answer = ask("weighted", words);
        assert_true(fabs(answer.value[0] / 1e6 - CAPACITY[i]) < 1e-9);
        assert_true(fabs(answer.value[1] / 1e6 - GOODPUT[i]) < 1e-9);
    }
    /* Round robin over 10, 5 and 0.6 Mbit/s carries three times the slowest. */
    assert_true(fabs(ask("weighted", "rates=10M,5M,.6M weights=1,1,1").value[0] - 1.8e6) < 1e-6);
}

/* Two interleaved streams, played out packet by packet: reordering as RFC 4737 counts it, and the buffer. */
static void
play_two_paths(double gap, double* reordered, double* extent, double* buffer, double* wait)
{
    enum
    {
        PACKETS = 1000,
        FIRST = 300,
        LAST = 700
    }; /* away from both ends */
    double arrival[PACKETS], released[PACKETS], latest = 0;
    int late = 0;
    *extent = *buffer = *wait = 0;
    for (int i = 0; i < PACKETS; i++)
    {
        arrival[i] = i + (i % 2 == 1 ? gap : 0);
        latest = fmax(latest, arrival[i]);
        released[i] = latest;
    }
    for (int i = FIRST; i < LAST; i++)
    {
        int first_later = -1, waiting = 0, before = 0;
        for (int k = 0; k < PACKETS; k++)
        {
            bool after = k > i && arrival[k] < arrival[i];
            first_later = after && (first_later < 0 || arrival[k] < arrival[first_later])
                              ? k
                              : first_later;
            waiting += arrival[k] < arrival[i] && released[k] >= arrival[i];
        }
        for (int k = 0; first_later >= 0 && k < PACKETS; k++)
        {
            before += arrival[k] >= arrival[first_later] && arrival[k] < arrival[i];
        }
        late += first_later >= 0;
        *extent = fmax(*extent, before);
        *buffer = fmax(*buffer, waiting);
        *wait += (released[i] - arrival[i]) / (LAST - FIRST);
    }
    *reordered = (double)late / (LAST - FIRST);
}

static void
test_two_paths_in_turn(void** state)
{
    (void)state;
    static const double GAPS[] = {0.5, 1.5, 2.5, 3.5, 5.5, 10.5, 40.5, 80.1, 130.5};
    static const double EXTENT[] = {0, 1, 1, 3, 5, 9, 39, 79, 129};
    static const double BUFFER[] = {0, 1, 1, 2, 3, 5, 20, 40, 65};
    static const double WAIT[] = {0, 0.25, 0.75, 1.25, 2.25, 4.75, 19.75, 39.55, 64.75};
    for (size_t i = 0; i < 9; i++)
    {
        char words[64];
        snprintf(words, sizeof(words), "spacing=1 gap=%g", GAPS[i]);
        fbs_answer answer = ask("two-paths", words);
        assert_true(answer.value[0] == (EXTENT[i] > 0 ? 0.5 : 0));
        assert_true(answer.value[1] == EXTENT[i] && answer.value[2] == BUFFER[i]);
        assert_true(fabs(answer.value[3] - WAIT[i]) < 1e-9);
        double reordered, extent, buffer, wait;
        play_two_paths(GAPS[i], &reordered, &extent, &buffer, &wait);
        assert_true(reordered == answer.value[0] && extent == answer.value[1] &&
                    buffer == answer.value[2]);
        assert_true(fabs(wait - answer.value[3]) < 0.01);
    }
    assert_true(ask("reorder-timeout", "spacing=.001 gap=.03 timeout=.029").value[0] == 1);
    assert_true(ask("reorder-timeout", "spacing=.001 gap=.03 timeout=.0289").value[0] == 0.5);
}

/* WiFi 8 Mbit/s 20 ms and 3G 2 Mbit/s 150 ms, as in the replication of NSDI 2012 Figure 4. */
static void
test_windows_and_buffers(void** state)
{
    (void)state;
    static const reference TABLE[] = {
        {"window", "rates=8M delays=.01 ack_delay=.01 window=15000", 0, 5.58e6, 0.001},
        {"window", "rates=8M delays=.01 ack_delay=.01 window=30000", 0, 8e6, 1e-9},
        {"window", "rates=2M delays=.075 ack_delay=.01 window=15000", 0, 1.32e6, 0.001},
        {"window", "rates=8M,2M delays=.01,.075 ack_delay=.01 window=30000", 0, 2.64e6, 0.002},
        {"window", "rates=8M,2M delays=.01,.075 ack_delay=.01 window=1e6", 0, 4e6, 1e-9},
        {"buffer", "rates=8M,2M rtts=.02,.15", 0, 187500, 1e-9},
    };
    CHECK(TABLE);
    fbs_answer answer = ask("buffer", "rates=8M,2M rtts=.02,.15");
    assert_true(fabs(answer.list.value[0] - 20000) < 1e-6 &&
                fabs(answer.list.value[1] - 37500) < 1e-6);
}

/* 100 Mbit/s Ethernet: none, IP in IP, GRE, GRE with sequence numbers, UDP of RFC 3519, GRE in UDP. */
static void
test_encapsulation(void** state)
{
    (void)state;
    static const reference TABLE[] = {
        {"encapsulation", "rate=100M", 0, 95.709e6, 1e-5},
        {"encapsulation", "rate=100M tunnel=20", 0, 94.408e6, 1e-5},
        {"encapsulation", "rate=100M tunnel=24", 0, 94.148e6, 1e-5},
        {"encapsulation", "rate=100M tunnel=28", 0, 93.888e6, 1e-5},
        {"encapsulation", "rate=100M tunnel=32", 0, 93.628e6, 1e-5},
        {"encapsulation", "rate=100M tunnel=36", 0, 93.368e6, 1e-5},
    };
    CHECK(TABLE);
}

static void
test_benefit_and_outage(void** state)
{
    (void)state;
    static const reference TABLE[] = {
        {"aggregation-benefit", "goodput=15M paths=10M,5M", 0, 1, 1e-12},
        {"aggregation-benefit", "goodput=10M paths=10M,5M", 0, 0, 1e-12},
        {"aggregation-benefit", "goodput=12.5M paths=10M,5M", 0, 0.5, 1e-12},
        {"aggregation-benefit", "goodput=5M paths=10M,5M", 0, -0.5, 1e-12},
        {"outage", "keepalive=1 rtt=.1", 0, 3.1, 1e-12},
    };
    CHECK(TABLE);
}

/* Figure 6 of the JSAC paper, worked out from its Table II: W and m of (32,3), (32,5), (128,3). */
static void
test_bianchi(void** state)
{
    (void)state;
    static const double STATIONS[] = {5, 10, 15, 20, 30, 50};
    static const struct
    {
        const char* words;
        double throughput[6];
    } TABLE[] = {{"window=32 stages=3", {.8097, .7532, .7117, .6788, .6273, .5529}},
                 {"window=32 stages=5", {.8102, .7579, .7231, .6975, .6603, .6109}},
                 {"window=128 stages=3", {.8250, .8263, .8130, .7981, .7702, .7252}},
                 {"window=32 stages=3 rts=1", {.8342, .8371, .8367, .8356, .8329, .8270}},
                 {"window=128 stages=3 rts=1", {.7979, .8217, .8293, .8327, .8355, .8363}}};
    for (size_t i = 0; i < 5; i++)
    {
        for (size_t k = 0; k < 6; k++)
        {
            char words[100];
            snprintf(words, sizeof(words), "stations=%g %s", STATIONS[k], TABLE[i].words);
            double is = ask("bianchi", words).value[0];
            if (fabs(is - TABLE[i].throughput[k]) > 0.00006)
            {
                print_error("%s: %.6f, not %.4f\n", words, is, TABLE[i].throughput[k]);
            }
            assert_true(fabs(is - TABLE[i].throughput[k]) <= 0.00006);
        }
    }
}

/* The tables of ns-3's wifi-bianchi, 802.11a; it looks for tau on a grid of 10^4 points, hence a quarter of a
 * percent. */
static void
test_bianchi_of_80211a(void** state)
{
    (void)state;
    static const double STATIONS[] = {5, 10, 20, 30, 40, 50};
    static const double DIFS_54[] = {29.8324, 28.1519, 26.2925, 25.1434, 24.2613, 23.5618};
    static const double EIFS_54[] = {29.2861, 27.3763, 25.3325, 24.0944, 23.1549, 22.4162};
    static const double EIFS_6[] = {4.6899, 4.3197, 3.9589, 3.7490, 3.5927, 3.4711};
    for (size_t i = 0; i < 6; i++)
    {
        char words[100];
        snprintf(words, sizeof(words), "stations=%g", STATIONS[i]);
        assert_true(fabs(ask("bianchi-11a", words).value[0] / 1e6 / DIFS_54[i] - 1) < 0.0025);
        snprintf(words, sizeof(words), "stations=%g eifs=1", STATIONS[i]);
        assert_true(fabs(ask("bianchi-11a", words).value[0] / 1e6 / EIFS_54[i] - 1) < 0.0025);
        snprintf(words, sizeof(words), "stations=%g eifs=1 rate=6M ack_rate=6M", STATIONS[i]);
        assert_true(fabs(ask("bianchi-11a", words).value[0] / 1e6 / EIFS_6[i] - 1) < 0.0025);
    }
}

/* RFC 3819 8.5.3: MSS 1000, 120 ms, 1 %. It prints 666 kbit/s for the simple formula and 402.9 for the other one,
 * which is not what that gives: 519.4. Then EV-DO: 417.4 ms and 0.2 %, 4.7 %. */
static void
test_tcp_under_loss(void** state)
{
    (void)state;
    static const reference TABLE[] = {
        {"tcp-mathis", "mss=1000 rtt=.12 loss=.01 constant=1", 0, 666.67e3, 1e-4},
        {"tcp-pftk", "mss=1000 rtt=.12 loss=.01", 0, 519.4e3, 2e-4},
        {"tcp-mathis", "rtt=.4174 loss=.002", 0, 581.9e3, 2e-4},
        {"tcp-pftk", "rtt=.4174 loss=.002", 0, 530.0e3, 2e-3},
        {"tcp-mathis", "rtt=.4174 loss=.047", 0, 120.0e3, 5e-4},
        {"tcp-pftk", "rtt=.4174 loss=.047 rto=1", 0, 87.9e3, 2e-3},
        {"tcp-pftk", "rtt=.4174 loss=.047", 0, 71.4e3, 2e-3},
        {"tcp-rfc5348", "rtt=.02 loss=1e-3", 0, 22.23e6, 5e-4},
        {"tcp-rfc5348", "rtt=.02 loss=1e-1", 0, 1.025e6, 5e-4},
        {"tcp-rfc5348", "rtt=.06 loss=1e-2", 0, 2.169e6, 5e-4},
        {"tcp-rfc5348", "rtt=.4174 loss=3e-3", 0, .6043e6, 5e-4},
        {"tcp-rfc5348", "rtt=.4174 loss=3e-2", 0, .1536e6, 5e-4},
    };
    CHECK(TABLE);
}

static double
closed_form_of_fairness(int users, double snr)
{
    double total = 0, choose = 1;
    for (int k = 1; k <= users; k++)
    {
        choose *= (double)(users - k + 1) / k;
        total += (k % 2 == 1 ? 1 : -1) * choose * exp(k / snr) * gsl_sf_expint_E1(k / snr) / M_LN2;
    }
    return total;
}

static void
test_proportional_fair(void** state)
{
    (void)state;
    static const int USERS[] = {1, 2, 4, 8, 16, 32};
    static const double AT_0_DB[] = {.8603, 1.1994, 1.5284, 1.8222, 2.0768, 2.2970};
    static const double AT_10_DB[] = {2.9065, 3.6586, 4.2427, 4.6865, 5.0340, 5.3160};
    static const double GAIN[] = {1, 1.5, 2.083, 2.718, 3.381, 4.059};
    for (size_t i = 0; i < 6; i++)
    {
        char words[64];
        snprintf(words, sizeof(words), "users=%d", USERS[i]);
        fbs_answer answer = ask("proportional-fair", words);
        assert_true(fabs(answer.value[0] - AT_0_DB[i]) < 0.00006);
        assert_true(fabs(answer.value[1] - GAIN[i]) < 0.0006);
        if (USERS[i] <= 8)
        {
            assert_true(fabs(answer.value[0] - closed_form_of_fairness(USERS[i], 1)) < 1e-8);
        }
        snprintf(words, sizeof(words), "users=%d snr=10", USERS[i]);
        assert_true(fabs(ask("proportional-fair", words).value[0] - AT_10_DB[i]) < 0.00006);
    }
    /* Rates 1 and 2 from SNR 1 and 2 on, one user: e^-1 + e^-2; two users: 1 - (1 - e^-1)^2 + 1 - (1 - e^-2)^2. */
    double one = ask("sector-rate", "users=1 rates=1,2 thresholds=0,3.01029995664").value[0];
    double two = ask("sector-rate", "users=2 rates=1,2 thresholds=0,3.01029995664").value[0];
    assert_true(fabs(one - (exp(-1) + exp(-2))) < 1e-9);
    assert_true(fabs(two - (2 - pow(1 - exp(-1), 2) - pow(1 - exp(-2), 2))) < 1e-9);
    /* With an SNR beyond all thresholds the sector has its best rate. */
    assert_true(fabs(ask("sector-rate", "users=64 snr=40").value[0] - 2457600) < 1);
}

static void
test_queues(void** state)
{
    (void)state;
    static const reference TABLE[] = {
        {"mm1", "load=.5", 0, 2, 1e-12},
        {"mm1", "load=.8", 0, 5, 1e-12},
        {"mm1", "load=.9", 0, 10, 1e-12},
        {"md1", "load=.5", 0, 1.5, 1e-12},
        {"md1", "load=.8", 0, 3, 1e-12},
        {"md1", "load=.9", 0, 5.5, 1e-12},
    };
    CHECK(TABLE);
}

/* Every oracle refuses what makes no sense, and says why. */
static void
test_nonsense_is_refused(void** state)
{
    (void)state;
    static const char* const NAMES[] = {"hash-threshold",
                                        "modulo-hash",
                                        "highest-random-weight",
                                        "elastic-hash",
                                        "edpf-fluid",
                                        "weighted",
                                        "two-paths",
                                        "window",
                                        "buffer",
                                        "encapsulation",
                                        "aggregation-benefit",
                                        "outage",
                                        "bianchi",
                                        "bianchi-11a",
                                        "tcp-mathis",
                                        "tcp-pftk",
                                        "tcp-rfc5348",
                                        "proportional-fair",
                                        "sector-rate",
                                        "mm1",
                                        "md1"};
    for (size_t i = 0; i < sizeof(NAMES) / sizeof(NAMES[0]); i++)
    {
        fbs_list values[FBS_PARAMETERS];
        for (size_t k = 0; k < FBS_PARAMETERS; k++)
        {
            values[k] = (fbs_list){.value = {-1}, .count = 1};
        }
        fbs_answer answer;
        const char* wrong = NULL;
        assert_non_null(fbs_oracle_find(NAMES[i]));
        assert_false(fbs_oracle_find(NAMES[i])->compute(values, &answer, &wrong));
        assert_non_null(wrong);
    }
    assert_null(fbs_oracle_find("delphi"));
    fbs_list list;
    assert_false(fbs_list_parse("1,x", &list) || fbs_list_parse("1,,2", &list) ||
                 fbs_list_parse("1,", &list));
    assert_false(fbs_list_parse("1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17", &list));
    assert_true(fbs_list_parse("1k,2.5M,3e9", &list) && list.count == 3 && list.value[1] == 2.5e6);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_hashes_as_in_rfc_2992),
        cmocka_unit_test(test_elastic_flows),
        cmocka_unit_test(test_edpf_fills_paths_in_order),
        cmocka_unit_test(test_weighted),
        cmocka_unit_test(test_two_paths_in_turn),
        cmocka_unit_test(test_windows_and_buffers),
        cmocka_unit_test(test_encapsulation),
        cmocka_unit_test(test_benefit_and_outage),
        cmocka_unit_test(test_bianchi),
        cmocka_unit_test(test_bianchi_of_80211a),
        cmocka_unit_test(test_tcp_under_loss),
        cmocka_unit_test(test_proportional_fair),
        cmocka_unit_test(test_queues),
        cmocka_unit_test(test_nonsense_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
