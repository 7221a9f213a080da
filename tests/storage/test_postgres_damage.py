"""Verify on PostgreSQL whose files are damaged, or whose indexes do not say what their tables say."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from storage.verify import verify
from tests.databases import Shelves, a_settled_club, change, value
from tests.postgres import Server, leave_all, running_server

pytestmark = pytest.mark.slow
# The package of the tests has no amcheck. This stands for its function, of the same name and with the same error.
_STAND_IN = """
    CREATE FUNCTION bt_index_check(index regclass, heapallindexed boolean) RETURNS void LANGUAGE plpgsql AS $$ BEGIN
        IF index = 'ix_entry_holder_id_id'::regclass AND heapallindexed THEN
            RAISE EXCEPTION 'heap tuple lacks matching index tuple' USING ERRCODE = 'XX002';
        END IF;
    END $$
"""


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    with running_server() as running:
        yield running


@pytest.fixture
def url(server: Server, tmp_path: Path) -> Iterator[str]:
    yield Shelves(server).copy(a_settled_club, tmp_path)
    leave_all()


def test_a_table_that_cannot_be_read_is_found(server: Server, url: str) -> None:
    assert verify(url).problems == []
    change(url, "CHECKPOINT")
    file = server.folder / "data" / value(url, "SELECT pg_relation_filepath('acceptance')")
    leave_all()
    server.stop()
    content = bytearray(file.read_bytes())
    content[8100] ^= 255
    file.write_bytes(content)
    server.start()
    report = verify(url)
    assert report.found["pages"] == 1
    assert any(problem.startswith("table acceptance cannot be read: ") for problem in report.problems)


def test_an_index_that_lacks_a_row_is_found_where_the_server_can_compare(url: str) -> None:
    change(url, _STAND_IN)
    report = verify(url)
    assert report.found["pages"] == 1
    (problem,) = [problem for problem in report.problems if "ix_entry_holder_id_id" in problem]
    assert problem.startswith("the index ix_entry_holder_id_id is not what its table says: heap tuple lacks")
