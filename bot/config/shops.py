"""Settings of the shops whose orders come in over HTTP."""

from typing import Annotated, Literal

from pydantic import Field

from bot.config.section import Section
from bot.config.types import Currency, HttpAddress, Id, OptionalSecret, PartMultiplier, Points, Rate, Switch

ShopKind = Literal["shopify", "woocommerce", "stripe", "square", "generic"]
READ_BACK = ("shopify", "woocommerce")
"""The kinds of shop whose orders can be read back."""


class ShopSettings(Section):
    """A shop whose orders come in over HTTP, at /hooks/ and its id; docs/shops.md says how each is connected."""

    id: Id
    kind: ShopKind
    secret: OptionalSecret = None
    old_secret: OptionalSecret = None
    notification_url: (
        Annotated[
            str,
            Field(pattern=r"^https?://[^\s/]+(/\S*)?$", description="an address that begins with http:// or https://"),
        ]
        | None
    ) = None
    currency: Currency | None = None
    include_tax: Switch = True
    include_shipping: Switch = True
    points: Points | None = None
    multiplier: PartMultiplier = "1"
    api_base_url: HttpAddress | None = None
    api_key: OptionalSecret = None
    api_secret: OptionalSecret = None

    @property
    def is_read_back(self) -> bool:
        """Whether its orders are read back at night."""
        return self.api_base_url is not None

    @property
    def has_own_points(self) -> bool:
        """Whether its orders bring other points than the purchase rule says."""
        return self.points is not None or self.multiplier != "1"

    @property
    def secrets(self) -> tuple[str, ...]:
        """What a call may be signed with, the newer one first."""
        return tuple(secret.get_secret_value() for secret in (self.secret, self.old_secret) if secret is not None)

    @property
    def api_secrets(self) -> tuple[str, ...]:
        """What opens its API."""
        return tuple(secret.get_secret_value() for secret in (self.api_key, self.api_secret) if secret is not None)


class CurrencyRate(Section):
    """What one of another currency is worth in programme.currency: orders in it are reckoned so."""

    currency: Currency
    rate: Rate
