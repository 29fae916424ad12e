/* SPDX-License-Identifier: GPL-3.0-or-later */

/* What access links and TCP must give: 802.11 saturation, TCP under loss, proportional fair, queues. */
#include "oracle.h"

#include <gsl/gsl_errno.h>
#include <gsl/gsl_integration.h>
#include <gsl/gsl_roots.h>
#include <math.h>
#include <string.h>

#define OCTET 8.
#define INTERVALS 200 /* of the adaptive integration */

static bool
refuse(const char** wrong, const char* why)
{
    *wrong = why;
    return false;
}

/* ------------------------------------------------------------------------------------------------------------------
 * Saturation of 802.11: G. Bianchi, IEEE JSAC 18(3), 2000 */

typedef struct
{
    double stations, window, stages;
} contention;

/* Equation 9 with the collision probability p of a transmission attempt: the attempt probability of a station. The sum
 * is (1 - (2p)^m) / (1 - 2p), which has no gap at p = 1/2. */
static double
attempt_probability(const contention* c, double p)
{
    double series = 0;
    for (double i = 0; i < c->stages; i++)
    {
        series += pow(2 * p, i);
    }
    return 2 / (1 + c->window + p * c->window * series);
}

static double
excess_of_attempts(double tau, void* context)
{
    const contention* c = context;
    return tau - attempt_probability(c, 1 - pow(1 - tau, c->stations - 1));
}

/* The one tau with which both equations hold; the excess rises with tau. NaN: not found. */
static double
solve_contention(contention* c)
{
    gsl_root_fsolver* solver = gsl_root_fsolver_alloc(gsl_root_fsolver_brent);
    if (solver == NULL)
    {
        return NAN;
    }
    gsl_function function = {.function = excess_of_attempts, .params = c};
    int status = gsl_root_fsolver_set(solver, &function, 0, 1);
    for (int i = 0; i < 200 && status == GSL_SUCCESS; i++)
    {
        status = gsl_root_fsolver_iterate(solver);
        double low = gsl_root_fsolver_x_lower(solver), high = gsl_root_fsolver_x_upper(solver);
        if (status != GSL_SUCCESS || gsl_root_test_interval(low, high, 0, 1e-12) == GSL_SUCCESS)
        {
            break;
        }
    }
    double tau = gsl_root_fsolver_root(solver);
    gsl_root_fsolver_free(solver);
    return status == GSL_SUCCESS ? tau : NAN;
}

/* Share of time, or bits a second: payload sent in an average slot / its length (equation 13). */
static double
saturation(contention* c, double payload, double slot, double success, double collision)
{
    double tau = solve_contention(c);
    double busy = 1 - pow(1 - tau, c->stations);
    double alone = c->stations * tau * pow(1 - tau, c->stations - 1);
    return alone * payload / ((1 - busy) * slot + alone * success + (busy - alone) * collision);
}

static bool
is_contention(const contention* c)
{
    return c->stations >= 1 && c->window >= 1 && c->stages >= 0 && c->stages <= 20;
}

/* Table II of the paper, FHSS at 1 Mbit/s: a bit is a microsecond. With RTS the collision is that of an RTS. */
static bool
bianchi(const fbs_list* v, fbs_answer* answer, const char** wrong)
{
    contention c = {v[0].value[0], v[1].value[0], v[2].value[0]};
    double rts_octets = v[3].value[0], payload = v[4].value[0];
    if (!is_contention(&c) || payload <= 0)
    {
        return refuse(wrong,
                      "stations and window are from 1, stages from 0 to 20, payload above 0");
    }
    const double phy = 128, mac = 272, slot = 50, sifs = 28, difs = 128, delta = 1;
    double ack = 112 + phy, rts = 160 + phy, cts = 112 + phy;
    double success = phy + mac + payload + sifs + delta + ack + difs + delta;
    double collision = phy + mac + payload + difs + delta;
    if (rts_octets != 0)
    {
        success += rts + sifs + delta + cts + sifs + delta;
        collision = rts + difs + delta;
    }
    answer->value[0] = saturation(&c, payload, slot, success, collision);
    return true;
}

/* Duration of an OFDM frame of 20 MHz: symbols of 4 us behind 20 us (802.11a). */
static double
ofdm_duration(double bits, double rate)
{
    return 20e-6 + 4e-6 * ceil((16 + bits + 6) / (rate * 4e-6));
}

/* 802.11a, as ns-3's wifi-bianchi configures it. The station that has just sent starts with a fresh counter and may
 * take the next slot with probability 1/W: Tinnirello, Bianchi, Xiao, IEEE Trans. Vehicular Technology 59(2), 2010. */
static bool
bianchi_ofdm(const fbs_list* v, fbs_answer* answer, const char** wrong)
{
    contention c = {v[0].value[0], 16, 6};
    double rate = v[1].value[0], ack_rate = v[2].value[0], eifs = v[3].value[0];
    if (!is_contention(&c) || rate <= 0 || ack_rate <= 0)
    {
        return refuse(wrong, "stations is from 1, rate and ack_rate above 0");
    }
    const double slot = 9e-6, sifs = 16e-6, difs = 34e-6, propagation = 1e-7;
    const double payload = 1500 * OCTET, mac = 28 * OCTET, llc = 48;
    double data = ofdm_duration(payload + mac + llc, rate);
    double answered = data + sifs + ofdm_duration(14 * OCTET, ack_rate) + difs;
    double success = eifs != 0 ? answered + propagation : answered;
    double collision = eifs != 0 ? answered + propagation : data + difs;
    double again = 1 / (1 - 1 / c.window); /* frames in a row, on average */
    answer->value[0] = saturation(&c, payload * again, slot, success * again + slot, collision);
    return true;
}

/* ------------------------------------------------------------------------------------------------------------------
 * TCP under loss */

static bool
is_lossy(double octets, double rtt, double loss, const char** wrong)
{
    bool good = octets > 0 && rtt > 0 && loss > 0 && loss <= 1;
    return good || refuse(wrong, "octets and rtt are above 0, loss above 0 and at most 1");
}

static bool
tcp_mathis(const fbs_list* v, fbs_answer* answer, const char** wrong)
{
    double mss = v[0].value[0], rtt = v[1].value[0], loss = v[2].value[0];
    answer->value[0] = v[3].value[0] * mss * OCTET / (rtt * sqrt(loss));
    return is_lossy(mss, rtt, loss, wrong);
}

/* RFC 3819 8.5.3 prints 402.9 kbit/s as its example of this formula; that is the value without the factor min[...]. The
 * formula as printed gives 519.4 kbit/s. */
static bool
tcp_pftk(const fbs_list* v, fbs_answer* answer, const char** wrong)
{
    double mss = v[0].value[0], rtt = v[1].value[0], p = v[2].value[0];
    double rto = v[3].count > 0 ? v[3].value[0] : 5 * rtt;
    double timeouts = rto * p * (1 + 32 * p * p) * fmin(1, 3 * sqrt(0.75 * p));
    answer->value[0] = mss * OCTET / (rtt * sqrt(1.33 * p) + timeouts);
    return is_lossy(mss, rtt, p, wrong);
}

static bool
tcp_rfc5348(const fbs_list* v, fbs_answer* answer, const char** wrong)
{
    double segment = v[0].value[0], rtt = v[1].value[0], p = v[2].value[0], b = v[3].value[0];
    double timeouts = 4 * rtt * 3 * sqrt(3 * b * p / 8) * p * (1 + 32 * p * p);
    answer->value[0] = segment * OCTET / (rtt * sqrt(2 * b * p / 3) + timeouts);
    return is_lossy(segment, rtt, p, wrong);
}

/* ------------------------------------------------------------------------------------------------------------------
 * Proportional fair over independent Rayleigh fading of equal mean: the best of N exponential variables is served */

typedef struct
{
    double users, snr;
} fading;

/* The density of log2(1 + snr x) integrated by parts: P(the best is above x) d/dx log2(1 + snr x). */
static double
rate_above(double x, void* context)
{
    const fading* f = context;
    double above = -expm1(f->users * log1p(-exp(-x)));
    return above * f->snr / ((1 + f->snr * x) * M_LN2);
}

static bool
proportional_fair(const fbs_list* v, fbs_answer* answer, const char** wrong)
{
    fading f = {v[0].value[0], pow(10, v[1].value[0] / 10)};
    if (f.users < 1 || f.users > 1e6 || f.users != floor(f.users))
    {
        return refuse(wrong, "users is a number from 1 to 1000000");
    }
    gsl_integration_workspace* space = gsl_integration_workspace_alloc(INTERVALS);
    if (space == NULL)
    {
        return refuse(wrong, "out of memory");
    }
    gsl_function function = {.function = rate_above, .params = &f};
    double error;
    int status =
        gsl_integration_qagiu(&function, 0, 0, 1e-9, INTERVALS, space, &answer->value[0], &error);
    gsl_integration_workspace_free(space);
    answer->value[1] = 0;
    for (double k = 1; k <= f.users; k++)
    {
        answer->value[1] += 1 / k;
    }
    return status == GSL_SUCCESS || refuse(wrong, "the integral does not converge");
}

/* The share of time in which the best of the users is above a threshold. */
static double
share_above(double users, double snr, double threshold_db)
{
    return -expm1(users * log1p(-exp(-pow(10, threshold_db / 10) / snr)));
}

static bool
sector_rate(const fbs_list* v, fbs_answer* answer, const char** wrong)
{
    const fbs_list *rates = &v[2], *thresholds = &v[3];
    double users = v[0].value[0], snr = pow(10, v[1].value[0] / 10), before = 0;
    if (users < 1 || rates->count != thresholds->count || rates->count == 0)
    {
        return refuse(wrong, "users is from 1, and there are as many thresholds as rates");
    }
    answer->value[0] = 0;
    for (size_t i = 0; i < rates->count; i++)
    {
        if (i > 0 && thresholds->value[i] < thresholds->value[i - 1])
        {
            return refuse(wrong, "thresholds rise");
        }
        double step = rates->value[i] - before;
        answer->value[0] += step * share_above(users, snr, thresholds->value[i]);
        before = rates->value[i];
    }
    return true;
}

/* ------------------------------------------------------------------------------------------------------------------
 * Queues */

static bool
is_stable(double load, const char** wrong)
{
    return (load >= 0 && load < 1) || refuse(wrong, "load is from 0 to below 1");
}

static bool
queue_mm1(const fbs_list* v, fbs_answer* answer, const char** wrong)
{
    answer->value[0] = 1 / (1 - v[0].value[0]);
    return is_stable(v[0].value[0], wrong);
}

static bool
queue_md1(const fbs_list* v, fbs_answer* answer, const char** wrong)
{
    double load = v[0].value[0];
    answer->value[0] = 1 + load / (2 * (1 - load));
    return is_stable(load, wrong);
}

/* IS-856 revision 0, the best rate at each threshold. The thresholds are those of one operator's drive-test guide:
 * other receivers have others. */
#define EVDO_RATES "38.4k,76.8k,153.6k,307.2k,614.4k,921.6k,1228.8k,1843.2k,2457.6k"
#define EVDO_THRESHOLDS "-11.5,-9.2,-6.5,-3.5,-0.6,2.2,3.9,8.0,10.3"

const fbs_oracle fbs_access_oracles[] = {
    {"bianchi",
     "saturation throughput of 802.11, as a share of the rate",
     "Bianchi, JSAC 18(3) 2000",
     {{"stations", NULL, "number"},
      {"window", "32", "slots of the first back-off"},
      {"stages", "3", "doublings of it"},
      {"rts", "0", "1: with RTS and CTS"},
      {"payload", "8184", "bits"}},
     {"throughput"},
     bianchi},
    {"bianchi-11a",
     "saturation throughput of 802.11a with packets of 1500 octets",
     "Tinnirello, Bianchi, Xiao, TVT 59(2) 2010; ns-3 wifi-bianchi",
     {{"stations", NULL, "number"},
      {"rate", "54e6", "bit/s"},
      {"ack_rate", "24e6", "bit/s"},
      {"eifs", "0", "1: EIFS after collisions, not DIFS"}},
     {"throughput_bps"},
     bianchi_ofdm},
    {"tcp-mathis",
     "TCP throughput under random loss, without time-outs",
     "RFC 3819 8.5.3",
     {{"mss", "1460", "octets"},
      {"rtt", NULL, "s"},
      {"loss", NULL, "share of packets"},
      {"constant", "0.93", "C of the formula"}},
     {"throughput_bps"},
     tcp_mathis},
    {"tcp-pftk",
     "TCP throughput under random loss, with time-outs",
     "RFC 3819 8.5.3 (PFTK98)",
     {{"mss", "1460", "octets"},
      {"rtt", NULL, "s"},
      {"loss", NULL, "share of packets"},
      {"rto", "", "s; five round-trip times"}},
     {"throughput_bps"},
     tcp_pftk},
    {"tcp-rfc5348",
     "TCP throughput equation of TFRC",
     "RFC 5348 3.1",
     {{"segment", "1448", "octets"},
      {"rtt", NULL, "s"},
      {"loss", NULL, "share of loss events"},
      {"b", "1", "packets an acknowledgement is for"}},
     {"throughput_bps"},
     tcp_rfc5348},
    {"proportional-fair",
     "spectral efficiency of a sector, and its gain where SNR is low",
     "the greatest of N exponential variables",
     {{"users", NULL, "number"}, {"snr", "0", "mean, dB"}},
     {"efficiency", "low_snr_gain"},
     proportional_fair},
    {"sector-rate",
     "the same with a table of rates; preset: 1xEV-DO",
     "IS-856 revision 0",
     {{"users", NULL, "number"},
      {"snr", "0", "mean, dB"},
      {"rates*", EVDO_RATES, "bit/s"},
      {"thresholds*", EVDO_THRESHOLDS, "dB"}},
     {"throughput_bps"},
     sector_rate},
    {"mm1",
     "time in an M/M/1 queue, in service times",
     "queueing theory",
     {{"load", NULL, "share"}},
     {"sojourn"},
     queue_mm1},
    {"md1",
     "time in an M/D/1 queue, in service times",
     "queueing theory",
     {{"load", NULL, "share"}},
     {"sojourn"},
     queue_md1},
    {.name = NULL},
};
