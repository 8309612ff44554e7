# SPDX-License-Identifier: Apache-2.0
# The Wireshark plugin, and its test under tshark.
wiresharkdir = $(pkgdatadir)/wireshark
dist_wireshark_DATA = %D%/muster-mikey.lua
TESTS += tests/it/wireshark_test.sh
EXTRA_DIST += tests/it/wireshark_test.sh docs/capture.md
