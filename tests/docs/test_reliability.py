"""The page of proofs names every file of them."""

from pathlib import Path

from tests.reliability import effort

_PROOFS = Path(effort.__file__).parent
_PAGE = _PROOFS.parents[1] / "docs" / "reliability.md"


def test_every_proof_is_on_the_page() -> None:
    page = _PAGE.read_text(encoding="utf-8")
    assert [file.name for file in sorted(_PROOFS.glob("test_*.py")) if f"/{file.name})" not in page] == []
