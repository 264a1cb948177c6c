"""The tables of a night's report: figures in, HTML out, every text escaped."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from html import escape
from typing import Any

from db.nights import PHASES, Run
from retrain.court import ANSWERS, MEASURES, SLICES, n_in_words
from retrain.lesson import Anchor
from retrain.measures import interval_95

_COUNTS = {
    "votes": "votes",
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


def evidence_tables(evidence: Mapping[str, Any]) -> str:
    """What was measured, the slices, and how much the commonest document spread."""
    measured = [(f"{what}: {measure}", evidence.get(name)) for name, (what, measure) in MEASURES.items()]
    slices = sorted(evidence.get("slices", {}).items(), reverse=True)
    measured[1:1] = [(f"… {SLICES.get(name, name)}", figures) for name, figures in slices]  # parts of the golden ones
    rows = [_figures(name, figures) for name, figures in measured if figures and "error" in figures]
    rows += [
        _figures(f"{questions}: {ANSWERS[name][0]}", figures, ANSWERS[name][1])
        for questions, part in (("golden questions", "answers"), ("regression set", "regression_answers"))
        for name, figures in evidence.get(part, {}).items()
    ]
    columns = ("measured on", "n", "before", "after", "gain", "95% interval", "p better", "p worse")
    parts = [_table(columns, rows)]
    if hubs := evidence.get("hubs"):
        parts.append(
            f'<p class="muted">The document that most questions find among their first 10 is found by '
            f"{hubs['incumbent']:.0%} of them before and {hubs['candidate']:.0%} after.</p>"
        )
    return "".join(parts)


def _figures(name: str, figures: Mapping[str, Any], good: int = 1) -> list[str]:
    """`good` is -1 where more of it is worse."""
    low, high = interval_95(figures["gain"], figures["error"], figures["n"])
    chances = [f"{figures[p]:.4f}" if p in figures else "" for p in ("p", "p_worse")]
    return [
        f"<td>{escape(name)}</td>",
        _number(n_in_words(figures)),
        _number(f"{figures['before']:.3f}"),
        _number(f"{figures['after']:.3f}"),
        _number(signed(figures["gain"]), "up" if good * figures["gain"] > 0 else "down"),
        _number(f"{signed(low)} … {signed(high)}"),
        *(_number(chance) for chance in chances),
    ]


def changes_tables(evidence: Mapping[str, Any], texts: Mapping[Anchor, str | None]) -> str:
    """The questions that gained and lost most; `texts` is `render_report`'s."""
    parts = []
    for side, head in (("better", "Got better"), ("worse", "Got worse")):
        rows = []
        for change in evidence.get("changed", {}).get(side, []):
            (was, now), (before, after) = change["rank"], change["ndcg"]
            rows.append(
                [
                    f'<td class="text">{_question(Anchor(change["kind"], change["id"]), texts)}</td>',
                    _number(f"{_rank(was)} → {_rank(now)}"),
                    _number(f"{before:.3f} → {after:.3f}", "up" if side == "better" else "down"),
                ]
            )
        if rows:
            parts.append(f"<h3>{head}</h3>" + _table(("question", "rank of the right document", "ndcg@10"), rows))
    return "".join(parts)


def _question(anchor: Anchor, texts: Mapping[Anchor, str | None]) -> str:
    text = texts.get(anchor)
    if text is not None:
        return escape(text)
    why = "a question that was not asked in public" if anchor in texts else "a question that is gone"
    return f'<span class="muted">{why} (#{anchor.id})</span>'


def _rank(rank: int) -> str:
    return str(rank) if rank else "not found"


def counts_table(run: Run) -> str:
    """What there was to learn from, and to judge by."""
    counted = {
        name: fact for phase in ("snapshot", "learn", "write") for name, fact in run.phases.get(phase, {}).items()
    }
    order = [*_COUNTS, *sorted(counted.keys() - _COUNTS.keys() - {"seconds"})]
    return _table(
        (),
        [
            [f"<td>{escape(_COUNTS.get(name, name.replace('_', ' ')))}</td>", _number(counted[name])]
            for name in order
            if counted.get(name)
        ],
    )


def training_table(train: Mapping[str, Any]) -> str:
    """How the candidate was trained."""
    if not train.get("losses"):
        return ""
    loss = f"{train['losses'][0]:.3f} → {train['losses'][-1]:.3f}"
    rate = f"{train['learning_rate']:.1e}".replace(".0e", "e").replace("e-0", "e-")
    cells = [_number(value) for value in (rate, train["steps"], loss)]
    return _table(("learning rate", "steps", "loss"), [cells])


def phases_table(phases: Mapping[str, Any]) -> str:
    """Seconds by phase."""
    longest = max((facts.get("seconds", 0) for facts in phases.values()), default=0) or 1
    return _table(
        (),
        [
            [
                f"<td>{escape(name)}</td>",
                _number(f"{facts.get('seconds', 0):.1f} s"),
                f'<td class="bar"><i style="width: {100 * facts.get("seconds", 0) / longest:.1f}%"></i></td>',
            ]
            for name in PHASES
            if (facts := phases.get(name))
        ],
    )


def html_list(sentences: Iterable[str]) -> str:
    """Sentences as a list."""
    items = "".join(f"<li>{escape(sentence)}</li>" for sentence in sentences)
    return f"<ul>{items}</ul>" if items else ""


def _table(head: Iterable[str], rows: list[list[str]]) -> str:
    """Rows of finished cells; the first column is text, the others are numbers."""
    if not rows:
        return ""
    styles = [""] + [' class="n"'] * len(rows[0])
    cells = "".join(f"<th{style}>{escape(name)}</th>" for style, name in zip(styles, head, strict=False))
    body = "".join(f"<tr>{''.join(row)}</tr>" for row in rows)
    return f"<table>{f'<thead><tr>{cells}</tr></thead>' if cells else ''}<tbody>{body}</tbody></table>"


def _number(value: object, style: str = "") -> str:
    return f'<td class="{f"n {style}".strip()}">{escape(str(value))}</td>'


def signed(value: float) -> str:
    """A change with its sign, a minus being one."""
    return f"{value:+.3f}".replace("-", "−")
