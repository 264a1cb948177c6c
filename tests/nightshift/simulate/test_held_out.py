"""Held-out questions get what people would: what nothing answers is refused, as measured on what was read in."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from db.generations import Encoders, serving
from db.generations.first import UNRELATED_NEARNESS
from db.store import open_store
from nightshift.simulate.dataset import Repeat
from nightshift.simulate.held_out import HeldOut, answer_held_out
from nightshift.simulate.outcome import Plan
from nightshift.simulate.run import scratch_folder
from nightshift.simulate.simulation import read_in, simulation_settings
from nightshift.simulate.slack import LoopbackSlack
from nightshift.simulate.stage import Stage
from retrain.night import portion_of, read_side
from tests.nightshift.simulate.test_simulation import nickname_company

ASIDE = ("how do plants breathe", "tell me about volcanoes", "recipe for tomato soup", "sing a sad song")


def test_what_nothing_answers_is_refused_and_the_rest_is_answered() -> None:
    dataset = replace(nickname_company(3), unanswerable={f"u{place}": text for place, text in enumerate(ASIDE)})
    judging = HeldOut.of(dataset, tuple(dataset.questions)[:30])
    plan = Plan(votes=1, seed=0)
    with scratch_folder() as home:
        settings = simulation_settings(home, plan, LoopbackSlack(), "http://127.0.0.1:1/")
        with open_store(settings, bounded=False) as engine:
            stage = Stage(engine, settings, Encoders(settings), dataset, plan, lambda *_: None)
            read_in(stage)
            generation = serving(engine)
            side = read_side(engine, stage.settings, stage.encoders, generation)
            scored = answer_held_out(engine, side, judging, portion_of(settings), stage.id_of_uri)
    assert abs(generation.unrelated_nearness - UNRELATED_NEARNESS) > 0.01
    assert scored.answers["wrongly_talkative"][-len(ASIDE) :].tolist() == [0] * len(ASIDE)
    assert np.isnan(scored.answers["wrongly_silent"][-len(ASIDE) :]).all()
    assert scored.means()["right"] > 0.3


def test_what_repeats_an_asked_question_is_judged_apart() -> None:
    company = nickname_company(3)
    held_out, asked = list(company.questions)[:30], list(company.questions)[30:]
    again = {"r1": Repeat(company.questions[asked[0]], asked[0]), "r2": Repeat("what is it?", held_out[0])}
    dataset = replace(company, repeats=again)
    judging = HeldOut.of(dataset, held_out, asked)
    assert judging.repeats == ("r1",)  # nobody had asked the other one
    assert judging.texts()[-1] == company.questions[asked[0]]
    with scratch_folder() as home:
        settings = simulation_settings(home, Plan(votes=1, seed=0), LoopbackSlack(), "http://127.0.0.1:1/")
        with open_store(settings, bounded=False) as engine:
            stage = Stage(engine, settings, Encoders(settings), dataset, Plan(votes=1, seed=0), lambda *_: None)
            read_in(stage)
            side = read_side(engine, stage.settings, stage.encoders, serving(engine))
            portion = portion_of(settings)
            scored = answer_held_out(engine, side, judging, portion, stage.id_of_uri)
            without = answer_held_out(engine, side, HeldOut.of(company, held_out), portion, stage.id_of_uri)
            [alone] = answer_held_out(engine, side, HeldOut.of(company, asked[:1]), portion, stage.id_of_uri).measured[
                "ndcg@10"
            ]
    assert scored.means() == without.means()
    assert scored.repeats == {"r1": alone}
