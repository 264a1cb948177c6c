"""What docs say of trials beside the figures: what one is, what it controls and what it doesn't."""

from __future__ import annotations

INTRODUCTION = """\
# Trials: people's next votes decide

Most teams have too few golden questions to show that a night's candidate is better, and votes on what was served say
little of what wasn't. So a candidate that passed every check and lacks evidence alone isn't refused: it goes on
**trial**. Some questions are answered by both generations at once, what serves (the *incumbent*) and the *candidate*.
Their sources stand in one list, nobody knows whose is whose, and people vote as ever. This page says how that decides,
what it takes for granted, what is controlled and what isn't.

## For an admin

Trials are on. One takes a fifth of the questions in Slack, and ends after 14 days, after 400 questions that somebody
had a say on, or as soon as votes have decided. `NIGHTSHIFT_TRIALS=ask` has each wait for an admin to begin it, by a
button in the night's report, in App Home, or by `nightshift trials start`; `off` refuses such candidates, as before.
`NIGHTSHIFT_TRIAL_SHARE`, `NIGHTSHIFT_TRIAL_DAYS` and `NIGHTSHIFT_TRIAL_QUESTIONS` change the rest.

```sh
nightshift trials list        # all there were, and how each stands
nightshift trials show 3      # questions, who was preferred, and every look
nightshift trials start 3     # begins one that waits for you
nightshift trials stop 3      # ends it; what serves goes on serving
nightshift trials promote 3   # has its candidate serve at once; it is recorded who did
```

It ends **promoted** (the candidate serves), **dropped** (it makes answers worse), **undecided** (neither was shown in
time), or **stopped** (by a person, or because something else came to serve). All but the first leave what serves as it
is. While one goes on no night trains: the next one learns from its votes too. `nightshift doctor` tells of one that
has waited for an admin for three days, and of one that no process looks at or ends.

## The draw

Both generations search with their own encoder and ranking, and each has a list of documents, cut to as many as an
answer shows. Then *team draft* (Radlinski, Kurup, Joachims 2008) makes one list of them,
[`bot/answering/team_draft.py`](../bot/answering/team_draft.py): in each round a coin says who picks first, and each
picks its best document that isn't there yet. A vote up on a document is one for the team that picked it.

- **Where both would pick the same**, it is shown and credits neither. Where two lists are the same, the question
  decides nothing. The share of sources that are to somebody's credit is the trial's *coverage*.
- **Where one list has come to its end**, what the other still has credits neither: a longer list is no better one.
- **All sources are shown and have their buttons**, whatever a language model cites of them.
- **The coin** comes from a hash of the trial and the question: the same each time, and nothing that people do moves it.
- *Probabilistic* interleaving (Hofmann, Whiteson, de Rijke 2011) was left: it shows people lists that neither
  generation made. *Optimised* interleaving (Radlinski, Craswell 2013) was left: its weights are solved anew for each
  question, which pays where clicks are all there is. Half of the people with one and half with the other was left: in
  the field that takes 10 to 100 times as many questions.

## Who wins a question

Each person has one say on a question: for the team of whose picks they voted more up. The question is won by the sign
of all says together, 1, −1, or 0 where it is even. However many speak of it, it is one question.

- **Votes down win nothing.** Of five sources with one that is right, four are voted down whosever they are, and who
  happened to have one more of them would lose. A question with votes down alone counts as even.
- **Near-duplicates are one question**, as they are for the gate, whoever asks, and a person has one say on it. What
  is asked ten times goes the same way ten times, and would look like ten coins.
- **One person** has a say on a tenth of the questions that a trial may have, at most.
- People whose votes are found to mean nothing or the contrary aren't listened to, as in nights. Votes on the whole
  answer and reactions don't count: they credit nobody. Nor do votes whose reason isn't about what a source says.

## The decision

It is looked at whenever a twentieth of the questions is new, and when time is up
([`retrain/court/trial.py`](../retrain/court/trial.py)).

- **Promotion** is a group sequential test, one-sided: `alpha` in all, spent over the looks by the O'Brien-Fleming-like
  function of Lan and DeMets (1983). Early looks ask for very much, late ones for little more than a single test would.
  Boundaries are exact: the chance that fair coins cross this one and none before is summed up, no normal is used.
- **Harm** is an e-process: a wealth of 1 is multiplied by 1 + λ for a question lost and by 1 − λ for one won, averaged
  over λ of .15, .3 and .5. It may end the trial at any look, when it reaches 20 (Ville 1939).
- **alpha comes from the one ledger** of [the gate](gate.md). Where a trial may follow, a night uses a third of what
  there is instead of two thirds, and the trial what is left then, .0167 at most; under .002 there is no trial. A year
  still has 5% in all for nights, rankings and trials. In a year's first night that is .0083 for the gate and .0167 for
  the trial. What is meant is .025. With that, 148 of 6,000 equally good candidates were promoted on covidqa, 2.5%
  [2.1% … 2.9%], and with .02 51 of 2,000: what asks the same in other words goes the same way, as coins don't.

## What it takes for granted

- **"No better" means: among questions that aren't even, as likely lost as won.** That is so where people vote without
  regard to which generation a source comes from, whatever places they look at: coins decide then. It is so as well
  where each generation is the better one on as many of the questions that are asked; which ones those are may differ,
  for that makes the number of wins vary less than coins do, not more.
- Questions are independent. Near-duplicates are found by words and by the encoder; what asks the same in quite other
  words counts as two.
- **Votes may be changed later**, and a look takes them as they stand. Boundaries count the questions that were decided
  at the looks before as they stood then. Where fewer are decided than before, the chances of both looks are added,
  which is more than enough. Where votes changed without that, boundaries are a little off: with a tenth of all says
  turned round, see the table. Nobody knows whose pick they vote on, so nobody can aim.
- When looks happen, and how many questions there are, doesn't depend on who wins.
- Who is listened to is judged by how votes go with what serves, those of the trial too. In simulated trials nobody who
  votes by what is right was left out, whichever generation was better.

## What is controlled

- A candidate that is no better is promoted with a chance of alpha at most, over all looks together.
- One that is no worse is dropped with a chance of .05 at most, ever.
- Position, attention and the length of lists favour nobody, at any number of sources: tests go through all coins.
- A person who stops trials that look bad gains nothing by it: one that was looked at has used all of its alpha then.

## What isn't controlled

- **Refusals.** Where either generation would refuse, the question is answered as if there were no trial, and counts
  nowhere. That a candidate doesn't refuse more is the gate's to check, before.
- **Preference isn't correctness.** People vote for what they take to be right. Who knows better isn't weighed.
- **Who asks much has more to say**, up to the tenth. Who never votes has none.
- **The win share is no gain in ndcg@10.** Questions where lists differ decide, by direction and not by how much. A
  candidate that wins a little often and loses a lot seldom may be promoted.
- **Two weeks are two weeks.** What is asked or written afterwards may be otherwise.
- **Gains that nobody can see** on an answer's few sources, further down or in the wording, aren't seen.

"""

TABLES = """\
## Simulated trials

`python -m benchmarks.trial [--data DIR]`: trials of 400 questions with a say at most, through the draw, the fold and
the decision that real ones go through. Questions and right documents are those of a data set. Lists are those of its
vectors alone and of words beside them. Thirty people with habits of their own ask, some much more than others; they
look at the first sources most, and one vote in twenty is wrong. One question in seven was asked before, and on every
fifth somebody else votes too. The *gain* is the candidate's in ndcg@10, *questions* are those with a say and *asked*
all that both answered, in the mean until it ended; *won* is of those decided; brackets are Wilson's 95% intervals.

- **Equally good**: a coin a question says who has which of the two lists. *Changed later*: a tenth of what people said
  is turned round in the course of it. **Votes mean nothing**: half of them are wrong.
- **Words weigh less**: words count just as much beside vectors as it takes for the gain. So most real candidates are.
- **Other lists on a share of questions**: the candidate has the words' lists there, and elsewhere the same list.
- **More often the better list**: both lists on each question, and who has the better one is hardly more than a coin's
  to say. A trial asks who is preferred: where a candidate wins here and loses nearly as often there, 400 questions are
  too few for +.05. At the share that is won, some 1,400 would see it in 80% of trials.

"""

TRIED = """
## What was tried and left

How a question is won, over 200 trials each on covidqa at .025; *questions* with a say until it ended, and questions
*asked*:

| Who wins a question | +.02 promoted | questions, asked | vectors → words: won | questions, asked |
| --- | ---: | ---: | ---: | ---: |
| votes up less votes down | 93.5% | 268, 676 | 67% | 164, 172 |
| the better mean of votes, none being 0 | — | — | 71% | 149, 157 |
| **more votes up** | **100%** | **193, 484** | **80%** | **127, 134** |
| more votes up, others not counted as a say | 100% | 93, 1,080 | 80% | 87, 214 |

All of these had near-duplicates asked by several people count as several questions, as did 2,000 trials of two equally
good generations with the third rule: 3.9% [3.1% … 4.8%] were promoted, while votes that mean nothing kept to 1.7% [1.2%
… 2.4%]. So near-duplicates became one question.

Where people vote four times as seldom, +.05 is promoted in 86% by votes up less votes down, and in all of 100 trials by
votes up. The last rule needs fewer questions with a say, and about twice as many asked before its few looks come.
"""
