/* SPDX-License-Identifier: GPL-3.0-or-later */

/* What is computed from samples. A sample is a number for each independent run; nothing here reads or writes files.
 *
 * What does not exist (the interval of a single run) is NaN. Confidence is a share: 0.95. */
#ifndef FLOWBIND_STATISTICS_H
#define FLOWBIND_STATISTICS_H

#include <stdbool.h>
#include <stddef.h>

/* A mean with Student's t interval: the runs are independent and their mean is about normal. */
typedef struct
{
    size_t n;
    double mean, sd;
    double half_width, low, high;
    double min, max;
} fbs_mean;

/* n may be 0. */
void fbs_mean_interval(const double* values, size_t n, double confidence, fbs_mean* result);

/* The difference first - second of runs that belong together, as those of the same seed do. */
typedef struct
{
    fbs_mean difference;
    double t; /* mean / standard error; infinite when all differences are the same and not 0 */
    double p; /* two-sided, of "the means are equal"; NaN with fewer than two pairs */
} fbs_paired;

/* At most n pairs; scratch has room for n numbers. */
void fbs_paired_difference(const double* first,
                           const double* second,
                           double* scratch,
                           size_t n,
                           double confidence,
                           fbs_paired* result);

/* Holm's step-down procedure: adjusted[i] below a level means that, of these n comparisons, no true hypothesis is
 * called false with a probability above that level. NaN stays NaN and does not count. */
void fbs_holm(const double* p, size_t n, double* adjusted);

/* A quantile, and an interval between two order statistics that holds whatever the distribution is. */
typedef struct
{
    size_t n;
    double value; /* interpolated as R (type 7), GSL and NumPy do */
    double low, high; /* NaN: there are too few runs for a bound on that side */
    /* the probability that the interval holds; at least the confidence when both bounds exist */
    double coverage;
} fbs_quantile;

/* 0 < share < 1. sorted ascends. */
void fbs_quantile_interval(const double* sorted,
                           size_t n,
                           double share,
                           double confidence,
                           fbs_quantile* result);

/* Tukey's box plot: whiskers reach the furthest runs within 1.5 interquartile ranges of the box. */
typedef struct
{
    size_t n;
    double mean, low_whisker, lower_quartile, median, upper_quartile, high_whisker;
    size_t below, above; /* outliers: sorted[0 .. below - 1] and the last "above" */
} fbs_box;

void fbs_box_summary(const double* sorted, size_t n, fbs_box* result);

/* Whether there are runs enough: the interval's half-width is at most a share of the mean. */
typedef struct
{
    fbs_mean mean;
    double relative; /* half-width / |mean|; 0 when all runs gave the same */
    bool reached;
    size_t needed; /* runs in all that should do if the spread stays as it is; 0: cannot be said */
} fbs_stop;

/* Never reached before `least` runs: a rule that may stop at two runs stops by luck. */
void fbs_stop_rule(const double* values,
                   size_t n,
                   double confidence,
                   double share,
                   size_t least,
                   fbs_stop* result);

#endif
