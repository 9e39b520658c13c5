"""The bar runs forward over known stages and guesses the rest from the pace so far."""

from likeness.jobs.forecast import FITTING, READING, WORDS, WRITING, Forecast


def test_the_bar_runs_from_nothing_to_all():
    forecast = Forecast({"read": 1.0, "fit": 3.0})
    assert forecast.overall("read", 0.0) == 0.0
    assert forecast.overall("read", 1.0) == 0.25
    assert forecast.overall("fit", 0.5) == 0.625
    assert forecast.overall("fit", 1.0) == 1.0


def test_the_bar_never_runs_backwards():
    forecast = Forecast({"read": 1.0, "fit": 1.0})
    forecast.overall("fit", 0.5)
    assert forecast.overall("read", 0.2) == 0.75
    assert forecast.overall("unforeseen", 0.9) == 0.75


def test_time_left_is_told_once_it_is_more_than_a_guess():
    forecast = Forecast({"fit": 1.0})
    forecast.overall("fit", 0.01)
    assert forecast.seconds_left() is None
    forecast.overall("fit", 0.5)
    left = forecast.seconds_left()
    assert left is not None
    assert 0.0 < left < 60.0


def test_every_stage_has_words():
    assert set(READING | FITTING | WRITING) == set(WORDS)
