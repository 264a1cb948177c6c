"""The look of a night's report: one sheet, light or dark as the reader's system is."""

from __future__ import annotations

STYLE = """
:root { color-scheme: light dark; --page: #f5f7fa; --card: #fff; --ink: #1f2933; --muted: #616e7c; --line: #e4e7eb;
  --good: #05603a; --good-back: #d7f2e3; --bad: #8a2c0d; --bad-back: #fde8dc; --accent: #0072b2; }
@media (prefers-color-scheme: dark) { :root { --page: #11161c; --card: #1b222b; --ink: #e4e7eb; --muted: #9aa5b1;
  --line: #323f4b; --good: #8fe0b5; --good-back: #123f2b; --bad: #ffb48f; --bad-back: #4a2413; --accent: #56b4e9; } }
* { box-sizing: border-box; }
body { margin: 0; background: var(--page); color: var(--ink); font: 16px/1.55 system-ui, sans-serif; }
main { max-width: 62rem; margin: 0 auto; padding: 2.5rem 1.25rem 4rem; }
h1 { display: flex; align-items: center; gap: .75rem; margin: 0; font-size: 1.9rem; line-height: 1.2; }
h2 { margin: 0 0 .75rem; font-size: 1.15rem; }
h3 { margin: 1.25rem 0 .25rem; font-size: 1rem; }
section { margin-top: 1.25rem; padding: 1.25rem 1.5rem; background: var(--card); border: 1px solid var(--line);
  border-radius: .75rem; overflow-x: auto; }
.badge { padding: .15rem .7rem; border-radius: 1rem; font-size: 1rem; font-weight: 600; }
.promoted { color: var(--good); background: var(--good-back); }
.pending { background: var(--line); }
.refused { color: var(--bad); background: var(--bad-back); }
.lead { margin: .75rem 0 0; font-size: 1.2rem; }
.muted, caption, footer { color: var(--muted); }
.tiles { display: grid; grid-template-columns: repeat(auto-fit, minmax(10.5rem, 1fr)); gap: 1rem; margin: 1.5rem 0 0; }
.tiles div { padding: .8rem 1rem; background: var(--card); border: 1px solid var(--line); border-radius: .75rem; }
.tiles dt { color: var(--muted); font-size: .85rem; }
.tiles dd { margin: 0; font-size: 1.2rem; font-weight: 600; font-variant-numeric: tabular-nums; white-space: nowrap; }
.tiles dd small { display: block; color: var(--muted); font-size: .8rem; font-weight: 400; }
ul { margin: 0; padding-left: 1.2rem; }
li + li { margin-top: .4rem; }
table { width: 100%; border-collapse: collapse; font-variant-numeric: tabular-nums; }
th, td { padding: .4rem .6rem .4rem 0; border-bottom: 1px solid var(--line); text-align: left; vertical-align: top; }
th { color: var(--muted); font-size: .85rem; font-weight: 500; }
tr:last-child td { border-bottom: 0; }
.n { text-align: right; white-space: nowrap; }
.n:last-child { padding-right: 0; }
td.up { color: var(--good); } td.down { color: var(--bad); }
td.text { width: 99%; overflow-wrap: anywhere; }
figure { margin: 0; padding: .75rem; background: #fff; border-radius: .5rem; }
figure img { display: block; width: 100%; height: auto; }
.bar { width: 40%; } .bar i { display: block; height: .7rem; margin-top: .4rem; border-radius: .2rem;
  min-width: 1px; background: var(--accent); }
footer { margin-top: 2rem; font-size: .85rem; }
"""
