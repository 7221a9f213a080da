"""The nightly backup as the timetable and the owner see it."""

from datetime import date, timedelta

from handlers.operating.backups import DatabaseNights
from tests.club import Club, config, open_club
from tests.databases import Address


async def test_each_night_asks_for_one_backup_until_it_is_made(club: Club) -> None:
    nights = DatabaseNights(club.database)
    assert await nights.asked() is None
    await club.skip(days=1)
    assert await nights.asked() == date(2026, 3, 17)
    await club.skip(days=2)
    assert await nights.asked() == date(2026, 3, 19)
    await nights.made(date(2026, 3, 19))
    assert await nights.asked() is None
    await club.skip(days=1)
    assert await nights.asked() == date(2026, 3, 20)


async def test_without_a_folder_nothing_is_asked(empty: Address) -> None:
    async with open_club(empty, config(backup={"folder": ""}), inline=True) as club:
        await club.skip(days=1)
        assert await DatabaseNights(club.database).asked() is None


async def test_the_owner_hears_of_a_missing_backup_once_a_day_and_anew_after_a_good_one(club: Club) -> None:
    nights, night = DatabaseNights(club.database), date(2026, 3, 17)
    await club.posts()
    for _ in range(3):
        await nights.failed(night)
        club.clock.now += timedelta(hours=2)
    (told,) = await club.posts()
    assert told == "olek: ⚠️ No backup: 17 March 2026. I try again every hour. The log says why, at backup_failed."
    await nights.made(night)
    await nights.failed(night)
    assert len(await club.posts()) == 1
