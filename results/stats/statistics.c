/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "statistics.h"

#include <gsl/gsl_cdf.h>
#include <gsl/gsl_statistics_double.h>
#include <math.h>

/* More runs than anybody makes: where the search for `needed` ends. */
#define MOST_RUNS 1000000000u

/* Half of the interval of a mean of n >= 2 runs with this standard deviation. */
static double
half_width(double sd, size_t n, double confidence)
{
    if (sd == 0)
    {
        return 0;
    }
    double t = gsl_cdf_tdist_Pinv(0.5 + confidence / 2, (double)(n - 1));
    return t * sd / sqrt((double)n);
}

/* The sum of rounding errors of equal numbers is not a spread. */
static double
deviation(const double* values, size_t n, double mean, double min, double max)
{
    return min == max ? 0 : gsl_stats_sd_m(values, 1, n, mean);
}

void
fbs_mean_interval(const double* values, size_t n, double confidence, fbs_mean* result)
{
    *result = (fbs_mean){.n = n, .mean = NAN, .sd = NAN, .half_width = NAN, .low = NAN};
    result->high = result->min = result->max = NAN;
    if (n == 0)
    {
        return;
    }
    gsl_stats_minmax(&result->min, &result->max, values, 1, n);
    result->mean = result->min == result->max ? values[0] : gsl_stats_mean(values, 1, n);
    if (n == 1)
    {
        return;
    }
    result->sd = deviation(values, n, result->mean, result->min, result->max);
    result->half_width = half_width(result->sd, n, confidence);
    result->low = result->mean - result->half_width;
    result->high = result->mean + result->half_width;
}

void
fbs_paired_difference(const double* first,
                      const double* second,
                      double* scratch,
                      size_t n,
                      double confidence,
                      fbs_paired* result)
{
    for (size_t i = 0; i < n; i++)
    {
        scratch[i] = first[i] - second[i];
    }
    fbs_mean* mean = &result->difference;
    fbs_mean_interval(scratch, n, confidence, mean);
    result->t = NAN;
    result->p = NAN;
    if (n < 2)
    {
        return;
    }
    if (mean->sd == 0)
    {
        result->t = mean->mean == 0 ? 0 : copysign(INFINITY, mean->mean);
        result->p = mean->mean == 0 ? 1 : 0;
        return;
    }
    result->t = mean->mean / (mean->sd / sqrt((double)n));
    result->p = 2 * gsl_cdf_tdist_Q(fabs(result->t), (double)(n - 1));
}

/* The index of the least p not taken yet; n: none is left. NaN is never less. */
static size_t
find_least(const double* p, const double* adjusted, size_t n)
{
    size_t least = n;
    for (size_t i = 0; i < n; i++)
    {
        if (isnan(adjusted[i]) && !isnan(p[i]) && (least == n || p[i] < p[least]))
        {
            least = i;
        }
    }
    return least;
}

void
fbs_holm(const double* p, size_t n, double* adjusted)
{
    size_t left = 0;
    for (size_t i = 0; i < n; i++)
    {
        adjusted[i] = NAN;
        left += isnan(p[i]) ? 0 : 1;
    }
    double before = 0;
    for (; left > 0; left--)
    {
        size_t least = find_least(p, adjusted, n);
        before = fmax(before, fmin(1, (double)left * p[least]));
        adjusted[least] = before;
    }
}

/* The number of runs below the quantile is binomial(n, share). The interval from the l-th to the u-th smallest run
 * holds with the probability P(l <= number < u); see Conover, Practical Nonparametric Statistics, 3.2. */
void
fbs_quantile_interval(const double* sorted,
                      size_t n,
                      double share,
                      double confidence,
                      fbs_quantile* result)
{
    *result = (fbs_quantile){.n = n, .value = NAN, .low = NAN, .high = NAN, .coverage = NAN};
    if (n == 0)
    {
        return;
    }
    result->value = gsl_stats_quantile_from_sorted_data(sorted, 1, n, share);
    double tail = (1 - confidence) / 2;
    unsigned runs = (unsigned)n;
    unsigned lower = 0;
    while (lower < runs && gsl_cdf_binomial_P(lower, share, runs) <= tail)
    {
        lower++;
    }
    unsigned upper = runs + 1;
    while (upper > 1 && gsl_cdf_binomial_Q(upper - 2, share, runs) <= tail)
    {
        upper--;
    }
    double below = lower > 0 ? gsl_cdf_binomial_P(lower - 1, share, runs) : 0;
    double above = upper <= runs ? gsl_cdf_binomial_Q(upper - 1, share, runs) : 0;
    result->low = lower > 0 ? sorted[lower - 1] : NAN;
    result->high = upper <= runs ? sorted[upper - 1] : NAN;
    result->coverage = 1 - below - above;
}

void
fbs_box_summary(const double* sorted, size_t n, fbs_box* result)
{
    *result = (fbs_box){.n = n, .mean = NAN, .low_whisker = NAN, .high_whisker = NAN};
    result->lower_quartile = result->median = result->upper_quartile = NAN;
    if (n == 0)
    {
        return;
    }
    result->mean = gsl_stats_mean(sorted, 1, n);
    result->lower_quartile = gsl_stats_quantile_from_sorted_data(sorted, 1, n, 0.25);
    result->median = gsl_stats_quantile_from_sorted_data(sorted, 1, n, 0.5);
    result->upper_quartile = gsl_stats_quantile_from_sorted_data(sorted, 1, n, 0.75);
    double reach = 1.5 * (result->upper_quartile - result->lower_quartile);
    while (sorted[result->below] < result->lower_quartile - reach)
    {
        result->below++;
    }
    while (sorted[n - 1 - result->above] > result->upper_quartile + reach)
    {
        result->above++;
    }
    result->low_whisker = sorted[result->below];
    result->high_whisker = sorted[n - 1 - result->above];
}

/* The least number of runs from `from` on whose half-width would be at most `wanted`; it falls with every run. */
static size_t
runs_needed(double sd, double wanted, double confidence, size_t from)
{
    size_t low = from, high = from;
    while (half_width(sd, high, confidence) > wanted)
    {
        low = high;
        high *= 2;
        if (high > MOST_RUNS)
        {
            return 0;
        }
    }
    while (low + 1 < high)
    {
        size_t middle = low + (high - low) / 2;
        if (half_width(sd, middle, confidence) > wanted)
        {
            low = middle;
        }
        else
        {
            high = middle;
        }
    }
    return half_width(sd, low, confidence) > wanted ? high : low;
}

void
fbs_stop_rule(const double* values,
              size_t n,
              double confidence,
              double share,
              size_t least,
              fbs_stop* result)
{
    fbs_mean* mean = &result->mean;
    fbs_mean_interval(values, n, confidence, mean);
    result->relative = mean->half_width == 0 ? 0 : mean->half_width / fabs(mean->mean);
    result->reached = n >= least && n >= 2 && result->relative <= share;
    result->needed = 0;
    if (result->reached)
    {
        result->needed = n;
    }
    else if (n >= 2 && isfinite(result->relative))
    {
        size_t from = runs_needed(mean->sd, share * fabs(mean->mean), confidence, 2);
        result->needed = from == 0 ? 0 : from > least ? from : least;
    }
}
