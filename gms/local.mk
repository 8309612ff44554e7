# SPDX-License-Identifier: Apache-2.0
# libgms.a is the front and what it has in common with the other programs of
# this folder; libvault.a is the vault.
