"""Settings of products that bring more points than others, or none."""

from typing import Annotated

from pydantic import Field

from bot.config.section import Section
from bot.config.types import Id, Language, PartMultiplier

Mark = Annotated[str, Field(min_length=1, max_length=100)]


class ProductSettings(Section):
    """Products that bring more points than others, or none, in shops that tell what was bought; docs/shops.md says
    which do, and how it is counted."""

    id: Id
    name: dict[Language, Annotated[str, Field(min_length=1, max_length=40)]]
    multiplier: PartMultiplier = "1"
    skus: tuple[Mark, ...] = ()
    categories: tuple[Mark, ...] = ()
    brands: tuple[Mark, ...] = ()
    shops: tuple[Id, ...] = ()
