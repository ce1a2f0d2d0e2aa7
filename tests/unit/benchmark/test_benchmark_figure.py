from benchmark.figure import Figure, Ratio, quotient

EXECUTE = Figure("execute", "Execute", "ms", {"ours": [1.0, 3.0, 2.0], "typed": [2.0, 4.0, 8.0]})


def test_a_ratio_is_taken_round_by_round() -> None:
    """What disturbs a round disturbs both peers: the median of the ratios, not the ratio of the medians."""
    assert EXECUTE.ratio("ours", "typed") == Ratio(middle=0.5, lower=0.375, upper=0.625)


def test_a_ratio_without_spread_is_one_number() -> None:
    """The size of a file does not vary."""
    assert str(Ratio(0.5, 0.5, 0.5)) == "0.50"
    assert str(Ratio(0.5, 0.25, 0.75)) == "0.50 (0.25-0.75)"


def test_percentiles_are_those_of_the_single_calls() -> None:
    """Of 1 to 100, the p-th percentile is the first that at least p of 100 do not exceed."""
    figure = Figure("execute", "Execute", "ms", {"ours": [50.0]}, {"ours": [float(n) for n in range(100, 0, -1)]})

    assert [figure.percentile("ours", percent) for percent in (50, 90, 99)] == [50, 90, 99]


def test_one_figure_can_be_told_as_a_multiple_of_another() -> None:
    """The price of a hook: with one against without one, in the same round."""
    without = Figure("without", "without a hook", "ms", {"ours": [1.0, 2.0, 2.0], "typed": [1.0, 2.0, 2.0]})

    price = quotient("price", "the price of a hook", EXECUTE, without)

    assert price.rounds == {"ours": [1.0, 1.5, 1.0], "typed": [2.0, 2.0, 4.0]}
