/* SPDX-License-Identifier: BSD-3-Clause */

/* The statistics against values computed elsewhere: tables of distributions, textbook examples, R. */
#include "statistics.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static void
near(double is, double wanted, double tolerance)
{
    if (!(fabs(is - wanted) <= tolerance))
    {
        print_error("%.12g, not %.12g\n", is, wanted);
    }
    assert_true(fabs(is - wanted) <= tolerance);
}

/* Gosset's own example (Biometrika 6, 1908; R's data set "sleep"): hours of sleep gained with two drugs. */
static const double DRUG1[] = {0.7, -1.6, -0.2, -1.2, -0.1, 3.4, 3.7, 0.8, 0.0, 2.0};
static const double DRUG2[] = {1.9, 0.8, 1.1, 0.1, -0.1, 4.4, 5.5, 1.6, 4.6, 3.4};

static void
test_mean_has_students_interval(void** state)
{
    (void)state;
    fbs_mean mean;
    fbs_mean_interval(DRUG1, COUNT(DRUG1), 0.95, &mean);
    assert_int_equal(mean.n, 10);
    near(mean.mean, 0.75, 1e-12);
    near(mean.sd, 1.789010, 1e-6);
    /* R: t.test(extra ~ group == 1): 0.75 +- 2.262157 * 1.789010 / sqrt(10) */
    near(mean.half_width, 2.262157 * 1.789010 / sqrt(10), 1e-5);
    near(mean.low, 0.75 - mean.half_width, 1e-12);
    near(mean.high, 0.75 + mean.half_width, 1e-12);
    near(mean.min, -1.6, 0);
    near(mean.max, 3.7, 0);
}

/* Table of Student's t, two-sided 95 % and 99 %: 1, 4 and 30 degrees of freedom. */
static void
test_half_widths_are_those_of_the_table(void** state)
{
    (void)state;
    static const struct
    {
        size_t n;
        double confidence, t;
    } TABLE[] = {{2, 0.95, 12.706},
                 {5, 0.95, 2.776},
                 {31, 0.95, 2.042},
                 {2, 0.99, 63.657},
                 {31, 0.99, 2.750}};
    for (size_t i = 0; i < COUNT(TABLE); i++)
    {
        double values[31];
        for (size_t k = 0; k < TABLE[i].n; k++)
        {
            values[k] = (double)k;
        }
        fbs_mean mean;
        fbs_mean_interval(values, TABLE[i].n, TABLE[i].confidence, &mean);
        near(mean.half_width / (mean.sd / sqrt((double)TABLE[i].n)), TABLE[i].t, 0.0006);
    }
}

static void
test_few_runs_have_no_interval(void** state)
{
    (void)state;
    fbs_mean mean;
    fbs_mean_interval(DRUG1, 0, 0.95, &mean);
    assert_true(mean.n == 0 && isnan(mean.mean) && isnan(mean.half_width));
    fbs_mean_interval(DRUG1, 1, 0.95, &mean);
    assert_true(mean.mean == 0.7 && isnan(mean.sd) && isnan(mean.low) && isnan(mean.high));
    const double same[] = {0.1, 0.1, 0.1};
    fbs_mean_interval(same, 3, 0.95, &mean);
    assert_true(mean.mean == 0.1 && mean.sd == 0 && mean.half_width == 0);
}

/* A large offset does not eat the digits: NIST StRD NumAcc4 has mean 10000000.2 and standard deviation 0.1. */
static void
test_a_large_offset_does_no_harm(void** state)
{
    (void)state;
    double values[1001] = {10000000.2};
    for (size_t i = 1; i < COUNT(values); i++)
    {
        values[i] = i % 2 == 1 ? 10000000.1 : 10000000.3;
    }
    fbs_mean mean;
    fbs_mean_interval(values, COUNT(values), 0.95, &mean);
    near(mean.mean, 10000000.2, 1e-8);
    near(mean.sd, 0.1, 1e-8);
}

static void
test_paired_difference(void** state)
{
    (void)state;
    double scratch[10];
    fbs_paired paired;
    fbs_paired_difference(DRUG1, DRUG2, scratch, COUNT(DRUG1), 0.95, &paired);
    /* R: t.test(DRUG1, DRUG2, paired = TRUE) */
    near(paired.difference.mean, -1.58, 1e-12);
    near(paired.t, -4.0621, 5e-5);
    near(paired.p, 0.002833, 5e-7);
    near(paired.difference.low, -2.4598858, 1e-6);
    near(paired.difference.high, -0.7001142, 1e-6);
}

static void
test_differences_without_spread(void** state)
{
    (void)state;
    const double a[] = {1, 2, 3}, b[] = {2, 3, 4};
    double scratch[3];
    fbs_paired paired;
    fbs_paired_difference(a, a, scratch, 3, 0.95, &paired);
    assert_true(paired.p == 1 && paired.t == 0 && paired.difference.half_width == 0);
    fbs_paired_difference(a, b, scratch, 3, 0.95, &paired);
    assert_true(paired.p == 0 && isinf(paired.t) && paired.t < 0 && paired.difference.mean == -1);
    fbs_paired_difference(a, b, scratch, 1, 0.95, &paired);
    assert_true(isnan(paired.p) && isnan(paired.t));
}

/* R: p.adjust(c(0.01, 0.04, 0.03, 0.005), "holm") */
static void
test_holm(void** state)
{
    (void)state;
    const double p[] = {0.01, 0.04, NAN, 0.03, 0.005};
    const double wanted[] = {0.03, 0.06, NAN, 0.06, 0.02};
    double adjusted[5];
    fbs_holm(p, 5, adjusted);
    for (size_t i = 0; i < 5; i++)
    {
        assert_true(isnan(wanted[i]) ? isnan(adjusted[i]) : fabs(adjusted[i] - wanted[i]) < 1e-12);
    }
    const double large[] = {0.8, 0.9};
    fbs_holm(large, 2, adjusted);
    assert_true(adjusted[0] == 1 && adjusted[1] == 1);
}

static void
fill(double* values, size_t n)
{
    for (size_t i = 0; i < n; i++)
    {
        values[i] = (double)(i + 1);
    }
}

/* Ranks of the 95 % interval of the median, from the table of the sign test: 2 and 9 of 10 runs (97.85 %), 6 and 15 of
 * 20 (95.86 %), 1 and 6 of 6 (96.88 %). */
static void
test_interval_of_the_median(void** state)
{
    (void)state;
    static const struct
    {
        size_t n;
        double low, high, coverage;
    } TABLE[] = {{6, 1, 6, 0.96875}, {10, 2, 9, 0.978516}, {20, 6, 15, 0.958611}};
    double values[20];
    fill(values, 20);
    for (size_t i = 0; i < COUNT(TABLE); i++)
    {
        fbs_quantile quantile;
        fbs_quantile_interval(values, TABLE[i].n, 0.5, 0.95, &quantile);
        near(quantile.low, TABLE[i].low, 0);
        near(quantile.high, TABLE[i].high, 0);
        near(quantile.coverage, TABLE[i].coverage, 1e-6);
        near(quantile.value, (double)(TABLE[i].n + 1) / 2, 1e-12);
    }
}

/* 0.95^58 > 5 % > 0.95^59: fewer than 59 runs bound the 95 % quantile on one side at most; here each side has 2.5 %,
 * which takes 72 (0.95^72 = 2.49 %). */
static void
test_a_far_quantile_needs_runs(void** state)
{
    (void)state;
    double values[72];
    fbs_quantile quantile;
    fill(values, 72);
    fbs_quantile_interval(values, 71, 0.95, 0.95, &quantile);
    assert_true(isnan(quantile.high) && !isnan(quantile.low));
    fbs_quantile_interval(values, 72, 0.95, 0.95, &quantile);
    near(quantile.high, 72, 0);
    assert_true(quantile.coverage >= 0.95);
    fbs_quantile_interval(values, 1, 0.5, 0.95, &quantile);
    assert_true(quantile.value == 1 && isnan(quantile.low) && isnan(quantile.high));
    fbs_quantile_interval(values, 0, 0.5, 0.95, &quantile);
    assert_true(isnan(quantile.value));
}

/* R: quantile(c(1, 2, 3, 4, 5, 6, 7, 8, 100)) = 1 3 5 7 100; 100 is out of 7 + 1.5 * 4. */
static void
test_box(void** state)
{
    (void)state;
    const double values[] = {1, 2, 3, 4, 5, 6, 7, 8, 100};
    fbs_box box;
    fbs_box_summary(values, COUNT(values), &box);
    assert_true(box.lower_quartile == 3 && box.median == 5 && box.upper_quartile == 7);
    assert_true(box.low_whisker == 1 && box.high_whisker == 8 && box.below == 0 && box.above == 1);
    near(box.mean, 136. / 9, 1e-12);
    fbs_box_summary(values, 1, &box);
    assert_true(box.low_whisker == 1 && box.high_whisker == 1 && box.below + box.above == 0);
    fbs_box_summary(values, 0, &box);
    assert_true(isnan(box.median) && box.below + box.above == 0);
}

static void
test_stop_rule(void** state)
{
    (void)state;
    /* Mean 10, standard deviation 1. */
    double values[400];
    for (size_t i = 0; i < COUNT(values); i++)
    {
        values[i] = i % 2 == 0 ? 9 : 11;
    }
    fbs_stop stop;
    fbs_stop_rule(values, 100, 0.95, 0.02, 10, &stop);
    near(stop.relative, 1.98422 * 1.00504 / 10 / 10, 1e-6); /* t of 99 degrees of freedom */
    assert_true(stop.reached && stop.needed == 100);
    fbs_stop_rule(values, 20, 0.95, 0.02, 10, &stop);
    assert_false(stop.reached);
    /* 1.0260 t / sqrt(n) <= 0.2: 103 runs are too few, 104 do (t = 1.98326: 0.1995). */
    assert_int_equal(stop.needed, 104);
    fbs_stop_rule(values, 20, 0.95, 0.5, 30, &stop);
    assert_true(!stop.reached && stop.needed == 30);
}

static void
test_stop_rule_of_constants(void** state)
{
    (void)state;
    double values[12] = {0};
    fbs_stop stop;
    fbs_stop_rule(values, 12, 0.95, 0.02, 10, &stop);
    assert_true(stop.reached && stop.relative == 0);
    fbs_stop_rule(values, 9, 0.95, 0.02, 10, &stop);
    assert_false(stop.reached);
    fbs_stop_rule(values, 1, 0.95, 0.02, 2, &stop);
    assert_true(!stop.reached && stop.needed == 0);
    values[0] = 1;
    values[1] = -1;
    fbs_stop_rule(values, 12, 0.95, 0.02, 10, &stop); /* a share of 0 is never reached */
    assert_true(!stop.reached && stop.needed == 0);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_mean_has_students_interval),
        cmocka_unit_test(test_half_widths_are_those_of_the_table),
        cmocka_unit_test(test_few_runs_have_no_interval),
        cmocka_unit_test(test_a_large_offset_does_no_harm),
        cmocka_unit_test(test_paired_difference),
        cmocka_unit_test(test_differences_without_spread),
        cmocka_unit_test(test_holm),
        cmocka_unit_test(test_interval_of_the_median),
        cmocka_unit_test(test_a_far_quantile_needs_runs),
        cmocka_unit_test(test_box),
        cmocka_unit_test(test_stop_rule),
        cmocka_unit_test(test_stop_rule_of_constants),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
