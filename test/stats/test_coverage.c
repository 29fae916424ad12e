/* SPDX-License-Identifier: BSD-3-Clause */

/* Whether intervals hold what they promise, over synthetic data of which the truth is known. The seed is printed, and
 * taken from FLOWBIND_SEED when that is set. */
#include "statistics.h"

#include <gsl/gsl_randist.h>
#include <gsl/gsl_rng.h>
#include <gsl/gsl_sort.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

#define DATA_SETS 1000
#define RUNS 10

static gsl_rng* random_numbers;

static int
set_up(void** state)
{
    (void)state;
    const char* text = getenv("FLOWBIND_SEED");
    unsigned long seed = text != NULL ? strtoul(text, NULL, 10) : 7629;
    random_numbers = gsl_rng_alloc(gsl_rng_mt19937);
    gsl_rng_set(random_numbers, seed);
    print_message("# seed %lu\n", seed);
    return 0;
}

static int
tear_down(void** state)
{
    (void)state;
    gsl_rng_free(random_numbers);
    return 0;
}

/* Of DATA_SETS intervals about 950 must hold; 935 to 965 is 2.2 standard deviations. */
static void
check_coverage(const char* what, int held)
{
    print_message("# %s: %d of %d hold\n", what, held, DATA_SETS);
    assert_in_range(held, 935, 965);
}

static void
test_interval_of_the_mean_holds(void** state)
{
    (void)state;
    int held = 0;
    for (int set = 0; set < DATA_SETS; set++)
    {
        double values[RUNS];
        for (int i = 0; i < RUNS; i++)
        {
            values[i] = 8e6 + gsl_ran_gaussian(random_numbers, 3e5);
        }
        fbs_mean mean;
        fbs_mean_interval(values, RUNS, 0.95, &mean);
        held += mean.low <= 8e6 && 8e6 <= mean.high;
    }
    check_coverage("means", held);
}

/* Pairs with a common part that is much larger than the difference, as runs of the same seed have. */
static void
test_paired_interval_holds(void** state)
{
    (void)state;
    int held = 0;
    for (int set = 0; set < DATA_SETS; set++)
    {
        double first[RUNS], second[RUNS], scratch[RUNS];
        for (int i = 0; i < RUNS; i++)
        {
            double common = gsl_ran_exponential(random_numbers, 100);
            first[i] = common + gsl_ran_gaussian(random_numbers, 1);
            second[i] = common + 2 + gsl_ran_gaussian(random_numbers, 1);
        }
        fbs_paired paired;
        fbs_paired_difference(first, second, scratch, RUNS, 0.95, &paired);
        held += paired.difference.low <= -2 && -2 <= paired.difference.high;
    }
    check_coverage("paired differences", held);
}

/* Without a true difference one in twenty is called significant. */
static void
test_false_alarms_are_rare(void** state)
{
    (void)state;
    int quiet = 0;
    for (int set = 0; set < DATA_SETS; set++)
    {
        double first[RUNS], second[RUNS], scratch[RUNS];
        for (int i = 0; i < RUNS; i++)
        {
            first[i] = gsl_ran_gaussian(random_numbers, 1);
            second[i] = gsl_ran_gaussian(random_numbers, 1);
        }
        fbs_paired paired;
        fbs_paired_difference(first, second, scratch, RUNS, 0.95, &paired);
        quiet += paired.p >= 0.05;
    }
    check_coverage("no false alarm", quiet);
}

/* Whatever the distribution is: here one without a mean worth its name. Ranks jump, so that it holds more often. */
static void
test_interval_of_the_median_holds(void** state)
{
    (void)state;
    int held = 0;
    double coverage = 0;
    for (int set = 0; set < DATA_SETS; set++)
    {
        double values[25];
        for (int i = 0; i < 25; i++)
        {
            values[i] = gsl_ran_pareto(random_numbers, 1, 1);
        }
        gsl_sort(values, 1, 25);
        fbs_quantile quantile;
        fbs_quantile_interval(values, 25, 0.5, 0.95, &quantile);
        coverage = quantile.coverage;
        held += quantile.low <= 2 && 2 <= quantile.high; /* the median of Pareto(1, 1) */
    }
    print_message("# medians: %d of %d hold, %.4f is promised\n", held, DATA_SETS, coverage);
    assert_true(coverage >= 0.95);
    assert_in_range(held, (int)(1000 * coverage) - 20, (int)(1000 * coverage) + 20);
}

/* Going on until the interval is narrow enough costs a little: it stops too early when the runs happen to be alike. */
static void
test_interval_after_the_stop_rule_holds(void** state)
{
    (void)state;
    int held = 0;
    double total = 0;
    for (int set = 0; set < DATA_SETS; set++)
    {
        double values[1000];
        fbs_stop stop = {.reached = false};
        size_t n = 0;
        while (!stop.reached && n < 1000)
        {
            values[n++] = 10 + gsl_ran_gaussian(random_numbers, 1);
            fbs_stop_rule(values, n, 0.95, 0.05, 10, &stop);
        }
        assert_true(stop.reached);
        total += (double)n;
        held += stop.mean.low <= 10 && 10 <= stop.mean.high;
    }
    print_message("# stop rule: %d of %d hold, %.1f runs on average\n",
                  held,
                  DATA_SETS,
                  total / DATA_SETS);
    assert_in_range(held, 915, 970);
    /* (1.96 / 0.5)^2 = 15.4, and a little for Student's t. */
    assert_true(total / DATA_SETS > 14 && total / DATA_SETS < 20);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_interval_of_the_mean_holds),
        cmocka_unit_test(test_paired_interval_holds),
        cmocka_unit_test(test_false_alarms_are_rare),
        cmocka_unit_test(test_interval_of_the_median_holds),
        cmocka_unit_test(test_interval_after_the_stop_rule_holds),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
