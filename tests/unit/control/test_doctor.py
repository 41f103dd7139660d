"""The doctor's table and report."""

from __future__ import annotations

from rsvpd.control.doctor import FEATURES, Extent


def test_what_is_there_only_partly_says_what_is_missing():
    assert [one.name for one in FEATURES if one.extent is Extent.PARTLY and not one.note] == []


def test_no_row_stands_twice_and_areas_stay_together():
    names = [(one.area, one.name) for one in FEATURES]
    assert len(set(names)) == len(names)
    areas = [area for at, (area, _) in enumerate(names) if at == 0 or names[at - 1][0] != area]
    assert len(set(areas)) == len(areas)
