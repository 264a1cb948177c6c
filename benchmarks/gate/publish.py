"""How the gate decides, what it controls and what it sees: the page in docs (`make docs`)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from benchmarks.pages import made_by

RESULTS = Path(__file__).with_name("results")

_INTRODUCTION = """\
# The gate: what lets a night through, for whoever doubts it

A candidate serves only where it is shown to be better than what serves, on evidence that what serves didn't choose.
This page says what is tested, what that takes for granted, what is controlled and what isn't.

## What is tested

Three kinds of evidence, each a gain (candidate less incumbent) of questions that neither was trained on, nor on a
near-duplicate of. Both answer from the same passages, as they would serve: words, vectors, ranking, floor and refusals.

| Evidence | Gain of a question | Why it is fair |
| --- | --- | --- |
| golden | how often its right document's rank is halved (`log_ranks`) | people named it, whatever was shown |
| explored | DCG@20 of what was voted up, weighed by its chance to be shown | chance brought it up |
| voted | the share of (up, down) pairs in the right order | only what was shown is compared, by its order |

- **Near-duplicates are one question**: the gain of a cluster is its mean.
- **One statistic.** Each kind is scaled to a share of the variance, by its number of clusters and by how clearly a good
  night moves it: .25 standard deviations of a golden question, .2 of an explored answer, .15 of a voted question. Votes
  have a third of the say at most beside other evidence. The scale is that of mean squares, which turned signs don't
  change.
- **One p**, one-sided, by 50,000 random turnings of the clusters' signs. It has to be at most what the ledger has for
  this try; ndcg@10 of golden questions mustn't fall, and every limit (answers, slices, regression set, hubs) be kept.
  Where only votes judge, p has to be under .01 besides.

## The ledger: a year has 5%

With a new 5% each night, a company in which there is nothing to learn would promote something by luck every few weeks.
So a year has **5% in all**: 2.5% are there at its first try, the other 2.5% come in with the square root of the time
gone by, since nights come thick at first. A night may use two thirds of what is there, so that one that just missed
needn't wait for months, and a ranking run a sixth.

- **Tries are tested together.** A question has the same random sign in all tries of the year; an arrangement of signs
  that would have let an earlier try through counts for that one (Westfall and Young's resampling, spent over time as by
  Lan and DeMets). Whoever tries nearly the same again therefore runs little new risk and pays little for it.
- **A night by the clock waits for news**: a tenth more votes and pairs than the last try had, a tenth more golden
  questions that judge, something else that serves, or another base model. A person who asks for a night has it.
- **A promotion that stands begins a new ledger.** Where there is nothing to be found there is none, so at most 5% of
  years have one. Where there is something, at most one promotion in twenty is luck in the long run (alpha-investing,
  Foster and Stine 2008). One that people roll back or reject begins nothing.
- A try counts when a candidate was held against what serves, whatever else then stood in its way.

## What it takes for granted

- Under the null hypothesis a question's gains in all tries are as likely with their signs turned. That is so where
  incumbent and candidates differ by luck alone. A candidate that loses a little often and wins much seldom, with a mean
  of 0, isn't quite covered; with logarithms of ranks the two are near each other.
- Clusters are independent. Near-duplicates are found by words and by the encoder; what asks the same in quite other
  words counts as two.
- Golden pairs are right, and people named documents without looking at what this generation puts first. Pairs that
  come from an answer's "right source" button were seen in it, or searched for.
- Votes say something: whole nights of coins are refused before anything is trained.

## What isn't controlled

- **Votes on what was shown judge the order of what was shown.** A candidate that was fitted to nothing else would do
  well there by a collider's bias. Held against the known answers of covidqa, searches of the same quality (words, a
  linear adapter, NUDGE, question memory: 18 comparisons at three seeds) differ by −.02 to +.015 of the pairs, as their
  ndcg does: no bias was seen. Should there be one, the third of the say bounds it, and golden questions mustn't fall.
- Limits are no tests of equality: a fall within them can be real.
- Whether people like answers better is the [trial](trials.md)'s question, not this one.

## What was tried and left

On held-out questions of three nights on covidqa, how often 50 golden ones show the trained candidate at .02, and the
shipped ranking beside words alone:

| Measure | trained candidate | ranking |
| --- | ---: | ---: |
| ndcg@10 | .45 | .23 |
| ndcg@50 | .44 | .30 |
| ndcg@10, no question counting for more than .5 | .45 | .23 |
| which way a question went | .43 | .41 |
| **logarithm of the rank** | **.50** | **.45** |

- **Other statistics of the same ranks** (Wilcoxon's signed ranks, square roots, logarithms, no question counting for
  more than one halving or two), at three more nights there and a chance of .017: .45 to .49 where their mean has .48 of
  trained candidates, .39 to .41 where it has .41 of the ranking.
- **Less variance by the incumbent's own score**: gains correlate with it at −.31 to −.45, which would be worth 7 to 12%
  of the standard deviation were the score known of more questions than judge. It is known of the same ones only.
- **Cross-fitting** (each pair judged by a model that didn't see it) would have all pairs judge, and trains as many
  models as there are folds. None of them is the one that would serve: what is gated has to be what serves.
- **Half of the pairs judge instead of a third** (a third where there are over 300), and a fifth of the voted questions
  instead of a tenth: as many more judge, and what trains on less learns .001 to .007 less in ndcg@10 there.

"""


def render_page(results: Sequence[dict[str, Any]]) -> str:
    """The page: what is tested, then the simulated years and the draws from nights."""
    return _INTRODUCTION + "\n".join(_section(result) for result in results)


def _section(result: Mapping[str, Any]) -> str:
    parts = [made_by(result)]
    if result["years"]:
        parts.append(_years(result["years"]))
    if result["nights"]:
        parts.append(_nights(result["nights"]))
    return "\n".join(parts)


def _years(years: Sequence[Mapping[str, Any]]) -> str:
    rows = "\n".join(
        f"| {_which(own)} | {own['golden']} + {own['voted']} | {own['tries']} | {own['years']:,} | "
        f"{_share(own['by_luck'], own['years'])} | {_seen(own)} |"
        for own in years
    )
    return f"""## Simulated years

`python -m benchmarks.gate`: each run of each year is decided by the gate itself. What serves and its candidates put a
question's right document at ranks that differ by luck, as much as in ten nights on covidqa (their candidates moved a
question's logarithm of the rank by .31 standard deviations, the simulated ones of the same gain by .315). Votes grow
from 300 to 6,300; whenever a tenth has come a night tries, and a ranking run between two of them. Candidates are
*alike* as far as their votes are the same ones, or each is made *anew*, which no night does, as the worst case. In
brackets the 95% interval (Clopper and Pearson). A gain that comes after many tries that found nothing is the hardest to
see: on golden questions alone about three times in four in a year's last month, with thirty voted ones beside them, as
a year brings, nine times in ten.

| Year | golden + voted questions | tries | years | promoted by luck | what was learnt is promoted |
| --- | ---: | ---: | ---: | ---: | ---: |
{rows}
"""


def _which(year: Mapping[str, Any]) -> str:
    learnt = f"{year['gain']:+.2f} on day {year['learns_on']}" if year["learns_on"] is not None else "nothing to learn"
    return f"{learnt}, candidates {year['candidates']}"


def _seen(year: Mapping[str, Any]) -> str:
    if year["seen"] is None:
        return ""
    return _share(year["seen"], year["years"] - year["by_luck"])


def _share(count: int, of: int) -> str:
    from scipy.stats import binomtest

    low, high = binomtest(count, of).proportion_ci()
    return f"{count / of:.1%} [{low:.1%} … {high:.1%}]"


def _nights(nights: Sequence[Mapping[str, Any]]) -> str:
    rules = nights[0]["rules"]
    head = " | ".join(f"{own['questions']}, {own['measure']}, {own['alpha']}" for own in rules)
    rows = "\n".join(
        f"| {night['seed']} | {night['gain']:+.3f} | {night['deviation']:.2f} | "
        + " | ".join(f"{own['power']:.2f}" for own in night["rules"])
        + " |"
        for night in nights
    )
    return f"""## What golden questions alone see, before and after

Golden questions drawn from the held-out ones of nights on covidqa (1,500 votes), a thousand times: how often the gain
of the trained candidate is seen. The first rule is what there was before evidence was pooled: a third of 150 golden
pairs judges by ndcg@10, and votes share the chance of luck. Then the rank's logarithm; then half of the pairs; last
what a year's first try may use. Pooled votes come on top.

| seed | gain in ndcg@10 | deviation | {head} |
| ---: | ---: | ---: |{" ---: |" * len(rules)}
{rows}
"""


def show(console: Console, summary: Mapping[str, Any]) -> None:
    """The same figures at a terminal."""
    table = Table("year", "golden + voted", "tries", "years", "promoted by luck", "what was learnt")
    for own in summary["years"]:
        judging = f"{own['golden']} + {own['voted']}"
        luck = _share(own["by_luck"], own["years"])
        table.add_row(_which(own), judging, str(own["tries"]), f"{own['years']:,}", luck, _seen(own))
    console.print(table)
    for night in summary["nights"]:
        seen = ", ".join(
            f"{own['power']:.2f} ({own['questions']} by {own['measure']} at {own['alpha']})" for own in night["rules"]
        )
        console.print(f"seed {night['seed']}: {night['gain']:+.3f}: {seen}")
