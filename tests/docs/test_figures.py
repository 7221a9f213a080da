"""Every figure that Prometheus can read is explained to operators, and every one explained is there."""

import re
from pathlib import Path

from adapters.metrics import Metrics
from bot.observing import Figures, Observer
from storage.verify.checks import CHECKS

OPERATIONS = Path(__file__).parents[2] / "docs" / "operations.md"
FOLDER = Path(__file__).parents[2] / "messages" / "en"


def shown() -> set[str]:
    """Return the names of our figures."""
    families = Metrics("1", "3.11", "sqlite").registry.collect()
    names = {f"{family.name}_total" if family.type == "counter" else family.name for family in families}
    return {name for name in names if name.startswith("bywalec_")}


def test_every_figure_is_explained() -> None:
    explained = set(re.findall(r"^\| `(bywalec_\w+)`", OPERATIONS.read_text(encoding="utf-8"), re.MULTILINE))
    assert explained == shown()


def test_the_labels_are_those_explained() -> None:
    metrics = Metrics("1", "3.11", "sqlite")
    metrics.heard("telegram", {"Command": 1})
    metrics.kept({("entry", "bonus"): 1, ("refusal", "usage"): 1, ("done", "ripen"): 1})
    metrics.sent("telegram", "dropped", "Forbidden")
    metrics.ran("ripen", 0.0)
    page = metrics.page(Figures(queue={"telegram": (1, 2.0)}), None, []).decode()
    rows = re.findall(r"^\| `(bywalec_\w+)` \| ([^|]*) \|", OPERATIONS.read_text(encoding="utf-8"), re.MULTILINE)
    for name, labels in rows:
        found = re.search(rf"^{name}\{{(.*?)\}} ", page, re.MULTILINE)
        if found is not None:
            assert sorted(re.findall(r'(\w+)="', found[1])) == sorted(labels.replace(",", " ").split()), name


def test_everything_an_observer_may_be_told_is_counted() -> None:
    told = {name for name in vars(Observer) if not name.startswith("_")}
    assert told == {name for name in vars(Metrics) if name in told}


def test_every_alert_is_explained_in_the_words_that_owners_read() -> None:
    said = {path.stem.removeprefix("alert_"): _first_words(path) for path in FOLDER.glob("alert_*.j2")}
    text = OPERATIONS.read_text(encoding="utf-8").split("## Alerts")[1].split("\n## ")[0]
    explained = re.findall(r"^\| `(\w+)` \| ([^|]+) \| [^|]*\w[^|]* \| [^|]*\w[^|]* \|$", text, re.MULTILINE)
    assert len(explained) == text.count("\n| `")
    assert sorted(explained) == sorted(said.items())


def test_everything_that_verify_compares_is_explained() -> None:
    text = OPERATIONS.read_text(encoding="utf-8").split("## Are the points right?")[1].split("\n## ")[0]
    rows = re.findall(r"^\| (`[^|]+`) \| [^|]*\w[^|]* \|$", text, re.MULTILINE)
    explained = re.findall(r"`([^`]+)`", " ".join(rows))
    assert len(rows) == text.count("\n| `")
    beside = ("pages", "guards", "references", "sums", "seals")
    assert sorted(explained) == sorted({*beside, *(check.kind for check in CHECKS)})


def _first_words(path: Path) -> str:
    found = re.search(r'\{\{ "([^"]+)" \| bold \}\}', path.read_text(encoding="utf-8"))
    assert found is not None, path.name
    return found[1].rstrip(":.")
