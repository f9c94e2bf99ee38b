"""Resampling, intervals, paired tests, letters, power, agreement: numpy and scipy alone."""
