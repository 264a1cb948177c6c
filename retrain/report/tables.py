"""What the tables of a night's report hold: figures in, words out; `night.html` makes tables of them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from db.generations import is_same_weight
from db.nights import PHASES, Run
from db.search import IN_WORDS
from retrain.court import ANSWERS, MEASURES, SLICES, Spending, n_in_words
from retrain.lesson import Anchor
from retrain.measures import interval_95, p_in_words

_COUNTS = {
    "votes": "votes",
    "votes_on_edited": "… on passages that were edited or cut anew, each worth the share of the words that stayed",
    "edited_words_kept": "… of whose words stayed, in percent, on average",
    "votes_lost": "votes on passages that are gone, which teach nothing",
    "pairs": "curated pairs",
    "labels": "labels: what they say of a question and a passage",
    "people_left_out": "people who vote against the ranking or like coins, and aren't listened to",
    "votes_left_out": "… votes of theirs",
    "spent_pairs": "golden questions that trained in an earlier night, and so never judge",
    "learnt_from": "questions learnt from",
    "rows": "rows trained on",
    "triplets_voted": "triplets with a down-voted source",
    "triplets_mined": "triplets with a mined negative",
    "triplets_random": "triplets with a random negative",
    "written": "questions that a language model wrote for passages nobody asked about",
    "unwritten": "passages that it wrote none for",
    "train_synthetics": "written questions that train, of all nights so far",
    "synthetic_alike": "… that are too like a question of people's, or another written one, to train",
    "synthetic_not_found": "… that don't lead to their passage, and don't train",
    **{
        f"{part}_{kind}s": f"{what} {does}"
        for kind, what in (("pair", "golden questions"), ("question", "voted questions"))
        for part, does in (("train", "that train"), ("gate", "that judge"))
    },
}


class Measured(NamedTuple):
    """A row of the evidence; `way` is up or down, as the change is for the better or not."""

    name: str
    n: str
    before: str
    after: str
    gain: str
    way: str
    interval: str
    p_better: str
    p_worse: str


class Change(NamedTuple):
    """A question that changed: its text, or `instead` of it why there is none to show."""

    text: str | None
    instead: str
    ranks: str
    ndcg: str


def measured_in(evidence: Mapping[str, Any]) -> list[Measured]:
    """What was measured, on all questions and on slices of them, and the answers that people would get."""
    measured = [(f"{what}: {measure}", evidence.get(name)) for name, (what, measure) in MEASURES.items()]
    slices = sorted(evidence.get("slices", {}).items(), reverse=True)
    measured[1:1] = [(f"… {SLICES.get(name, name)}", figures) for name, figures in slices]  # parts of the golden ones
    rows = [_measured(name, figures) for name, figures in measured if figures and "error" in figures]
    rows += [
        _measured(f"{questions}: {ANSWERS[name][0]}", figures, ANSWERS[name][1])
        for questions, part in (("golden questions", "answers"), ("regression set", "regression_answers"))
        for name, figures in evidence.get(part, {}).items()
    ]
    return rows


def _measured(name: str, figures: Mapping[str, Any], good: int = 1) -> Measured:
    """`good` is -1 where more of it is worse."""
    low, high = interval_95(figures["gain"], figures["error"], figures["n"])
    p_better, p_worse = (f"{figures[p]:.4f}" if p in figures else "" for p in ("p", "p_worse"))
    return Measured(
        name,
        n_in_words(figures),
        f"{figures['before']:.3f}",
        f"{figures['after']:.3f}",
        signed(figures["gain"]),
        "up" if good * figures["gain"] > 0 else "down",
        f"{signed(low)} … {signed(high)}",
        p_better,
        p_worse,
    )


def luck_of(evidence: Mapping[str, Any]) -> str | None:
    """What all that could show it better comes to together, and the chance of luck there was; None where none did."""
    pooled = evidence.get("pooled")
    if not pooled:
        return None
    tries = pooled["tries"]
    before = f"{tries} earlier {'try has' if tries == 1 else 'tries have'} used {pooled['spent']:.1%}"
    return (
        f"All that could show it to be better, taken together: {p_in_words(pooled['p'])}, and at most "
        f"{pooled['alpha']:.4f} was allowed. In a year {Spending().in_a_year:.0%} is allowed in all; "
        f"{before if tries else 'none was used'}."
    )


def changes_in(evidence: Mapping[str, Any], texts: Mapping[Anchor, str | None]) -> list[tuple[str, str, list[Change]]]:
    """Heading, way and rows of the questions that gained and lost most; `texts` is `render_report`'s."""
    changed = evidence.get("changed", {})
    sides = (("Got better", "up", "better"), ("Got worse", "down", "worse"))
    return [
        (heading, way, [_change(own, texts) for own in changed[side]])
        for heading, way, side in sides
        if changed.get(side)
    ]


def _change(change: Mapping[str, Any], texts: Mapping[Anchor, str | None]) -> Change:
    anchor, (was, now), (before, after) = Anchor(change["kind"], change["id"]), change["rank"], change["ndcg"]
    why = "a question that was not asked in public" if anchor in texts else "a question that is gone"
    return Change(
        texts.get(anchor), f"{why} (#{anchor.id})", f"{_rank(was)} → {_rank(now)}", f"{before:.3f} → {after:.3f}"
    )


def _rank(rank: int) -> str:
    return str(rank) if rank else "not found"


def counted_in(run: Run) -> list[tuple[str, object]]:
    """What there was to learn from, and to judge by."""
    counted = {
        name: fact for phase in ("snapshot", "learn", "write") for name, fact in run.phases.get(phase, {}).items()
    }
    order = [*_COUNTS, *sorted(counted.keys() - _COUNTS.keys() - {"seconds"})]
    return [(_COUNTS.get(name, name.replace("_", " ")), counted[name]) for name in order if counted.get(name)]


def training_of(train: Mapping[str, Any]) -> tuple[str, int, str] | None:
    """Learning rate, steps and loss; None where nothing was trained."""
    if not train.get("losses"):
        return None
    loss = f"{train['losses'][0]:.3f} → {train['losses'][-1]:.3f}"
    rate = f"{train['learning_rate']:.1e}".replace(".0e", "e").replace("e-0", "e-")
    return rate, train["steps"], loss


def ranking_of(phase: Mapping[str, Any]) -> tuple[str, list[tuple[str, str]]] | None:
    """A sentence on how the ranking came about, and what each feature of a passage counts; None where none was made.

    `phase` is that in which it was fitted.
    """
    fitted = phase.get("ranking")
    if not fitted:
        return None
    said = fitted.get("why_not") or (
        f"Fitted to {fitted['questions']} questions as they were answered: the chance that it gives the right passages "
        f"is {fitted['after']:.1%}, and {fitted['before']:.1%} by the weights that ship. None of them judges."
    )
    weights, served = fitted["weights"], fitted.get("served", {})
    return said, [
        (what, _weight(served.get(name), weights[name])) for name, what in IN_WORDS.items() if name in weights
    ]


def _weight(was: float | None, now: float) -> str:
    """What it counts, and counted before."""
    return f"{now:.2f}" if was is None or is_same_weight(was, now) else f"{was:.2f} → {now:.2f}"


def phases_of(phases: Mapping[str, Any]) -> list[tuple[str, str, str]]:
    """Name, time, and the time's share of the longest, of each phase."""
    seconds = {name: phases[name].get("seconds", 0) for name in PHASES if phases.get(name)}
    longest = max(seconds.values(), default=0) or 1
    return [(name, f"{own:.1f} s", f"{100 * own / longest:.1f}%") for name, own in seconds.items()]


def signed(value: float) -> str:
    """A change with its sign, a minus being one."""
    return f"{value:+.3f}".replace("-", "−")
