"""Writing durations."""

import unittest

from durations import format_duration


class FormatDuration(unittest.TestCase):
    def test_hours_and_minutes(self):
        self.assertEqual(format_duration(5400), "1h 30m")

    def test_nothing(self):
        self.assertEqual(format_duration(0), "0s")

    def test_a_negative_duration_is_refused(self):
        with self.assertRaises(ValueError):
            format_duration(-1)
