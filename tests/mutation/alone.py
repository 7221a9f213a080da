"""A plugin that says what xdist does, which a run for mutants leaves out."""

import pytest


@pytest.fixture(scope="session")
def worker_id() -> str:
    """Name no worker: all tests run in one process."""
    return "master"
