/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef TEST_CORE_CMOCKA_SETUP_H
#define TEST_CORE_CMOCKA_SETUP_H

/** @file cmocka.h wants these headers in front of it. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

/* Needs the four above. */
#include <cmocka.h>

#endif
