/* SPDX-License-Identifier: BSD-3-Clause */
#include "cmocka_setup.h"
#include "config/scenario_file.h"
#include "config_files.h"

/* Radio networks, their users, and movement: what a scenario file says of them, and what it does not have to say. */

static fbc_scenario *
read_text(const char *text)
{
    char folder[] = "/tmp/flowbind-access-XXXXXX";
    char file[64];
    fbc_report report = {0};
    folder_make(folder);
    snprintf(file, sizeof(file), "%s/scenario.yaml", folder);
    file_write(file, text, strlen(text));
    fbc_scenario *scenario = fbc_scenario_read(file, NULL, &report);
    unlink(file);
    rmdir(folder);
    fbc_report_print(&report, stdout);
    assert_int_equal(report.total, 0);
    assert_non_null(scenario);
    return scenario;
}

static void
test_nothing_has_to_be_said(void **state)
{
    (void)state;
    fbc_scenario *scenario = read_text("protocol: mip4\n"
                                       "duration: 60s\n"
                                       "paths:\n"
                                       "  - {name: wlan, type: wlan, bid: 1, label: 1}\n"
                                       "  - {name: lte, type: lte, bid: 2, label: 2}\n"
                                       "  - {name: cdma, type: cdma, bid: 3, label: 3}\n");
    const fbc_radio *wlan = &scenario->paths[0].radio;
    assert_int_equal(wlan->standard, FBC_STANDARD_80211N);
    assert_int_equal(wlan->band, FBC_BAND_2_4GHZ);
    assert_int_equal(wlan->width_mhz, 20);
    assert_int_equal(wlan->rate_control, 0);
    const fbc_radio *lte = &scenario->paths[1].radio;
    assert_int_equal(lte->scheduler, FBC_LTE_PF);
    assert_int_equal(lte->resource_blocks, 50);
    assert_false(lte->second_cell.given);
    const fbc_radio *cdma = &scenario->paths[2].radio;
    assert_int_equal(cdma->fading, FBC_FADING_RAYLEIGH);
    assert_true(cdma->fading_speed_um_h == UINT64_C(3000000000));
    for (size_t i = 0; i < scenario->path_count; i++)
    {
        assert_false(scenario->paths[i].position.given);
        assert_int_equal(scenario->paths[i].users.count, 0);
        assert_int_equal(scenario->paths[i].radio.exponent_milli, 0);
    }
    assert_false(scenario->registration.position.given);
    fbc_scenario_free(scenario);
}

static void
expect_place(const fbc_position *position, int32_t x_mm, int32_t y_mm)
{
    assert_true(position->given);
    assert_int_equal(position->x_mm, x_mm);
    assert_int_equal(position->y_mm, y_mm);
}

static void
test_everything_can_be_said(void **state)
{
    (void)state;
    fbc_scenario *scenario = read_text(
        "protocol: mip4\n"
        "duration: 60s\n"
        "mobile-node: {position: [-1.5, 0.001]}\n"
        "paths:\n"
        "  - {name: wlan, type: wlan, bid: 1, label: 1, position: [5, -5],\n"
        "     radio: {standard: 802.11ac, rate-control: mcs9, exponent: 3.25}}\n"
        "  - {name: lte, type: lte, bid: 2, label: 2, position: [0, 50],\n"
        "     users: {count: 4, down: 1Mbps, packet: 500, distance: 0.2km},\n"
        "     radio: {scheduler: rr, bandwidth: 5MHz, second-cell: [100000, 50], hysteresis: 0,\n"
        "             time-to-trigger: 64ms, exponent: 3.5}}\n"
        "  - {name: cdma, type: cdma, bid: 3, label: 3, delay: 20ms, queue: 64kB,\n"
        "     users: {count: 200, up: 9.6kbps}, radio: {fading-speed: 10m/s}}\n");
    expect_place(&scenario->registration.position, -1500, 1);
    const fbc_path *wlan = &scenario->paths[0];
    expect_place(&wlan->position, 5000, -5000);
    assert_int_equal(wlan->radio.standard, FBC_STANDARD_80211AC);
    assert_int_equal(wlan->radio.band, FBC_BAND_5GHZ);
    assert_int_equal(wlan->radio.width_mhz, 80);
    assert_int_equal(wlan->radio.rate_control, 10);
    assert_int_equal(wlan->radio.exponent_milli, 3250);
    const fbc_path *lte = &scenario->paths[1];
    assert_int_equal(lte->users.count, 4);
    assert_true(lte->users.down_bps == 1000000 && lte->users.up_bps == 0);
    assert_int_equal(lte->users.packet, 500);
    assert_int_equal(lte->users.distance_mm, 200000);
    assert_int_equal(lte->radio.scheduler, FBC_LTE_RR);
    assert_int_equal(lte->radio.resource_blocks, 25);
    expect_place(&lte->radio.second_cell, 100000000, 50000);
    assert_int_equal(lte->radio.hysteresis_db, 0);
    assert_true(lte->radio.time_to_trigger_ns == 64 * FB_MILLISECOND);
    const fbc_path *cdma = &scenario->paths[2];
    assert_true(cdma->delay_ns == 20 * FB_MILLISECOND);
    assert_int_equal(cdma->queue.octets, 64000);
    assert_int_equal(cdma->users.count, 200);
    assert_true(cdma->users.up_bps == 9600 && cdma->users.down_bps == 0);
    assert_int_equal(cdma->users.packet, 1000);
    assert_true(cdma->radio.fading_speed_um_h == UINT64_C(36000000000));
    fbc_scenario_free(scenario);
}

static void
test_handover_has_defaults(void **state)
{
    (void)state;
    fbc_scenario *scenario = read_text(
        "protocol: mip4\n"
        "duration: 60s\n"
        "paths:\n"
        "  - {name: lte, type: lte, bid: 2, label: 2, radio: {second-cell: [0, 0]}}\n");
    assert_int_equal(scenario->paths[0].radio.hysteresis_db, 3);
    assert_true(scenario->paths[0].radio.time_to_trigger_ns == 256 * FB_MILLISECOND);
    fbc_scenario_free(scenario);
}

static void
test_mobile_node_moves(void **state)
{
    (void)state;
    fbc_scenario *scenario = read_text("protocol: mip4\n"
                                       "duration: 60s\n"
                                       "paths:\n"
                                       "  - {name: wlan, type: wlan, bid: 1, label: 1}\n"
                                       "events:\n"
                                       "  - {at: 20s, do: move, to: [0, -7.25]}\n"
                                       "  - {at: 10s, do: move, to: [60, 0], speed: 1.5m/s}\n");
    const fbc_event *first = &scenario->events[0];
    assert_int_equal(first->action, FBC_EVENT_MOVE);
    assert_string_equal(fbc_event_action_name(first->action), "move");
    assert_null(first->path);
    assert_null(first->gateway);
    expect_place(&first->to, 60000, 0);
    assert_true(first->speed_um_h == UINT64_C(5400000000));
    expect_place(&scenario->events[1].to, 0, -7250);
    assert_true(scenario->events[1].speed_um_h == 0);
    fbc_scenario_free(scenario);
}

static void
test_gateways_move(void **state)
{
    (void)state;
    fbc_scenario *scenario = read_text(
        "protocol: pmip6\n"
        "duration: 60s\n"
        "gateways:\n"
        "  - {name: mag1}\n"
        "  - {name: mag2, position: [30, 0]}\n"
        "paths:\n"
        "  - {name: a, type: wlan, bid: 1, label: 1}\n"
        "  - {name: b, type: wlan, bid: 2, label: 2, gateway: mag2}\n"
        "events:\n"
        "  - {at: 10s, do: move, to: [60, 0]}\n"
        "  - {at: 11s, do: move, to: [60, 0], gateway: mag2}\n");
    assert_false(scenario->gateways[0].position.given);
    expect_place(&scenario->gateways[1].position, 30000, 0);
    assert_ptr_equal(scenario->events[0].gateway, &scenario->gateways[0]);
    assert_ptr_equal(scenario->events[1].gateway, &scenario->gateways[1]);
    fbc_scenario_free(scenario);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_nothing_has_to_be_said),
        cmocka_unit_test(test_everything_can_be_said),
        cmocka_unit_test(test_handover_has_defaults),
        cmocka_unit_test(test_mobile_node_moves),
        cmocka_unit_test(test_gateways_move),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
