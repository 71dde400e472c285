"""The ground and the roof of the house: what every floor stands on, and what puts the floors together."""

__version__ = "0.1.0"
