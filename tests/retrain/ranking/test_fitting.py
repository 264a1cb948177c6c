"""Weights fitted to choices: what moves them, what doesn't, and the trap of learning from what was shown alone."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray

from db.answers import Ranked
from db.generations.ranking import FEATURES, MOST_LENGTH, SHIPPED, read_ranking
from retrain.lesson import Anchor, Label
from retrain.ranking.choices import Choice, choices_of
from retrain.ranking.fitting import fit_ranking

Lists = list[NDArray[np.float64]]


def column(name: str) -> int:
    return FEATURES.index(name)


def ask(draw: np.random.Generator, questions: int) -> Lists:
    """The candidates of questions of a small corpus, the right one first.

    Five rivals say more of the question's words than it does and are further by meaning; the other forty say none of
    them, and most are nearer. Among those that are shown, words tell against what is right.
    """
    asked = []
    for _ in range(questions):
        features = np.zeros((46, len(FEATURES)))
        meaning = [draw.normal(0.6, 0.03, 1), draw.normal(0.2, 0.05, 5), draw.normal(0.66, 0.05, 40)]
        features[:, column("meaning")] = np.concatenate(meaning)
        features[:6, column("words")] = np.concatenate([draw.normal(0.8, 0.05, 1), draw.normal(1.7, 0.1, 5)])
        features[:, column("length")] = draw.normal(4.5, 0.3, 46)
        asked.append(features)
    return asked


def voted_on(asked: Lists, sources: int = 5) -> tuple[list[Label], dict[Anchor, list[Ranked]]]:
    """What people say who see the first few by the shipped weights, and the lists that they were the first of."""
    labels, served = [], {}
    for number, features in enumerate(asked):
        anchor = Anchor("question", number)
        order = np.argsort(-features @ SHIPPED.weights, kind="stable").tolist()
        shown = order[:sources]
        served[anchor] = [Ranked(row, row, row, row in shown, tuple(features[row])) for row in order]
        labels += [Label(anchor, row, 1 if row == 0 else -1, 1.0) for row in shown]
    return labels, served


def mrr(asked: Lists, weights: tuple[float, ...]) -> float:
    ranks = [1 + (features @ weights > features[0] @ weights).sum() for features in asked]
    return float(np.mean(1 / np.array(ranks)))


@pytest.mark.parametrize("seed", range(6))
def test_a_hundred_votes_make_it_no_worse(seed: int) -> None:
    draw = np.random.default_rng(seed)
    labels, served = voted_on(ask(draw, 20))
    fitted = fit_ranking(choices_of(labels, served))
    assert (len(labels), fitted.questions, fitted.why_not) == (100, 20, None)
    later = ask(draw, 600)
    assert mrr(later, fitted.ranking.weights) > mrr(later, SHIPPED.weights)


@pytest.mark.parametrize("seed", [0, 4])  # where chance sets the trap; elsewhere the shipped weights hold it open
def test_from_what_was_shown_alone_it_would_learn_the_wrong_thing(seed: int) -> None:
    draw = np.random.default_rng(seed)
    labels, served = voted_on(ask(draw, 20))
    shown = {anchor: [own for own in listed if own.shown] for anchor, listed in served.items()}
    trapped = fit_ranking(choices_of(labels, shown))
    assert trapped.after > trapped.before  # it thinks that it does well
    later = ask(draw, 600)
    assert mrr(later, trapped.ranking.weights) < mrr(later, SHIPPED.weights) - 0.02


def choice(weight: float = 1.0, **right: float) -> Choice:
    """One in which the right passage has more of these features than three others, and all else is equal."""
    usual = np.full((4, len(FEATURES)), 0.4)
    for name, more in right.items():
        usual[0, column(name)] += more
    return Choice(usual[:1], usual[1:], weight)


def test_a_feature_that_tells_the_right_ones_weighs_more_and_one_that_is_the_same_everywhere_stays() -> None:
    fitted = fit_ranking([choice(pairs=0.3)] * 60)
    assert fitted.ranking.pairs > 2 * SHIPPED.pairs
    assert replace(fitted.ranking, pairs=SHIPPED.pairs).weights == pytest.approx(SHIPPED.weights)
    assert fitted.after > fitted.before


def test_the_shipped_weights_pull_the_more_the_fewer_questions_there_are() -> None:
    moved = [fit_ranking([choice(pairs=0.3)] * n).ranking.pairs for n in (10, 40, 160)]
    assert SHIPPED.pairs < moved[0] < moved[1] < moved[2]
    little = fit_ranking([choice(0.1, pairs=0.3)] * 40).ranking.pairs
    assert SHIPPED.pairs < little < moved[1]


def test_weights_stay_in_bounds_whatever_people_say() -> None:
    against = fit_ranking([choice(words=-2.0, pairs=-0.5, length=-3.0)] * 500).ranking
    assert (against.meaning, against.pairs) == (1.0, 0.0)
    assert 0 <= against.words < 0.1
    assert -MOST_LENGTH <= against.length < -0.1
    nearness_misleads = fit_ranking([choice(meaning=-0.5, words=0.5)] * 500).ranking
    for fitted in against, nearness_misleads:
        assert read_ranking(fitted.as_json()) == (fitted, None)


def test_too_few_questions_or_none_that_can_be_read_leave_what_ships_and_say_so() -> None:
    spoilt = Choice(np.full((1, len(FEATURES)), np.nan), np.zeros((2, len(FEATURES))))
    for choices in [], [choice(pairs=0.3)] * 9, [spoilt] * 50:
        fitted = fit_ranking(choices)
        assert fitted.ranking == SHIPPED
        assert fitted.why_not is not None and "10 are needed" in fitted.why_not
    assert fit_ranking([*[choice(pairs=0.3)] * 20, spoilt]).questions == 20


def test_the_same_choices_make_the_same_weights() -> None:
    draw = np.random.default_rng(0)
    choices = choices_of(*voted_on(ask(draw, 30)))
    assert fit_ranking(choices) == fit_ranking(choices)
