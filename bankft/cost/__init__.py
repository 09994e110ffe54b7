"""What a fine-tuning job will cost, and what fits a budget."""

from bankft.cost.counting import embedded_epochs, hosted_epochs
from bankft.cost.prices import (
    Price,
    embedded_speed,
    find_price,
    grader_price,
    price_list,
    read_prices,
)
from bankft.cost.reckoning import Estimate, Fit, estimate
from bankft.cost.speed import speed_of

__all__ = [
    "Estimate",
    "Fit",
    "Price",
    "embedded_epochs",
    "embedded_speed",
    "estimate",
    "find_price",
    "grader_price",
    "hosted_epochs",
    "price_list",
    "read_prices",
    "speed_of",
]
