/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef FLOWBIND_DECODE_MESSAGES_H
#define FLOWBIND_DECODE_MESSAGES_H

/** @file The messages in the packets of a capture file. */

#include "capture/capture.h"
#include "packet.h"

/** Called for every message of Mobile IPv4 or Proxy Mobile IPv6. */
typedef void (*fbd_message_found)(void *context,
                                  const fbd_datagram *datagram,
                                  const fbd_place *place);

/**
 * Reads the capture @p path. What had to be skipped is reported on standard error. False when the file cannot be read;
 * then @p error says why.
 */
bool fbd_capture_read(const char *path,
                      fbd_message_found found,
                      void *context,
                      char *error,
                      size_t size);

#endif
