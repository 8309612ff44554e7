/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ntp.h - NTP timestamps (RFC 5905 clause 6) as Unix time and back.
 *
 * A timestamp has 32 bits of seconds since 1900-01-01 00:00 UTC and 32 bits of
 * fraction. The seconds wrap on 2036-02-07 06:28:16 UTC; the octets do not say
 * in which era they are, so the reader takes the one that puts the timestamp
 * nearest to a moment it knows, its own clock.
 */
#ifndef MIKEY_NTP_H
#define MIKEY_NTP_H

#include <stdint.h>

/* From 1900-01-01 to 1970-01-01, in seconds. */
#define MIKEY_NTP_UNIX_S INT64_C(2208988800)

/*
 * The timestamp of a moment: unix_s seconds since 1970, at or after 1900, and
 * ns nanoseconds, 0..999999999. The fraction is rounded up, so that
 * mikey_ntp_ns() gives ns back.
 */
uint64_t mikey_ntp_from_unix(int64_t unix_s, uint32_t ns);

/*
 * Seconds since 1970 of a timestamp, in the era that puts it within 2^31
 * seconds (68 years) of near_unix_s.
 */
int64_t mikey_ntp_to_unix(uint64_t ntp, int64_t near_unix_s);

/* The nanoseconds that a timestamp adds to its seconds, rounded down. */
uint32_t mikey_ntp_ns(uint64_t ntp);

/*
 * Seconds since 1900 without the wrap, the T of key period arithmetic (TS
 * 33.180 clause F.2.1); near_unix_s as above, the result not before 1900.
 */
uint64_t mikey_ntp_s(uint64_t ntp, int64_t near_unix_s);

#endif
