"""What the moto extension says of a world whose users, access keys or credential reports cannot be used."""

from __future__ import annotations

import pytest

from motoext.table import WorldError
from motoext.world import World


@pytest.mark.parametrize(
    ("entries", "named"),
    [
        pytest.param('[[account.user]]\nname = "a"\ncolour = 1', "colour", id="an unknown field"),
        pytest.param("[[account.user]]", "name is missing", id="a user without a name"),
        pytest.param('[[account.user]]\nname = "ann"\n[[account.user]]\nname = "Ann"', "ann and Ann", id="one name"),
        pytest.param("[[account.root_access_key]]\n" * 3, "at most 2", id="three root access keys"),
        pytest.param('[[account.root_access_key]]\nid = "AKIA"', "unknown id", id="a root access key with an ID"),
        pytest.param('[[account.root_access_key]]\nstatus = "On"', "Inactive", id="a status there is not"),
        pytest.param('[account.credential_report]\nage = "old"', "age", id="an age that is none"),
        pytest.param(
            '[[account.user]]\nname = "a"\n' + '[[account.user.access_key]]\nid = "AKIATWICE00000000001"\n' * 2,
            "AKIATWICE00000000001",
            id="an access key twice",
        ),
    ],
)
def test_a_world_whose_iam_part_cannot_be_used_is_an_error_that_says_where(entries: str, named: str) -> None:
    with pytest.raises(WorldError, match=named):
        World.parse(f'[[account]]\nid = "111111111111"\n{entries}')
