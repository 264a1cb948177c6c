"""Figures of merit and the statistics behind them; pure."""
