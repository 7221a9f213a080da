"""The samples of pictures in docs are what is drawn today, small, and shown on the page about what they show."""

from pathlib import Path

import pytest
from PIL import Image, ImageChops, ImageStat

from docs.samples import SAMPLES, drawn

_PAGES = {"leaderboard.png": "leaderboards.md", "cards.png": "rewards.md"}


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda sample: sample.name)
def test_a_sample_is_what_is_drawn(sample: Path) -> None:
    kept, now = Image.open(sample).convert("RGB"), drawn(sample).convert("RGB")
    assert kept.size == now.size
    assert max(ImageStat.Stat(ImageChops.difference(kept, now)).mean) < 1, "run `make samples`"
    assert sample.stat().st_size < 150_000
    assert f"]({sample.name})" in sample.with_name(_PAGES[sample.name]).read_text(encoding="utf-8")
