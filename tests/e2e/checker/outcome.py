# SPDX-License-Identifier: MIT
"""What can become of an event at its customer; the third way out is a Reject."""

FOLDED, DUPLICATE = "folded", "duplicate"
