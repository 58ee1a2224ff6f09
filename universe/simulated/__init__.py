"""The built-in simulated market: invented funds over levels that pass through published year-end figures."""

from universe.simulated.simulation import SimulatedPalette, simulate_palette

__all__ = ["SimulatedPalette", "simulate_palette"]
