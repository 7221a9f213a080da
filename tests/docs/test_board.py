"""The sample of a leaderboard in docs is what is drawn today, small, and shown on the page about boards."""

from PIL import Image, ImageChops, ImageStat

from docs.board import SAMPLE, drawn


def test_the_sample_is_what_is_drawn() -> None:
    kept, now = Image.open(SAMPLE).convert("RGB"), drawn().convert("RGB")
    assert kept.size == now.size
    assert max(ImageStat.Stat(ImageChops.difference(kept, now)).mean) < 1, "run `make board`"
    assert SAMPLE.stat().st_size < 100_000
    assert f"]({SAMPLE.name})" in SAMPLE.with_name("leaderboards.md").read_text(encoding="utf-8")
