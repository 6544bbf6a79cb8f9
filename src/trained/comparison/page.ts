/** @file A comparison as one HTML page that needs nothing else. */
import { html, type Markup } from '../../evaluation/report/markup.ts';
import { style } from '../../evaluation/report/style.ts';
import { bestPosition, type Comparison, letterOf } from './compare.ts';
import { costPlot } from './cost-plot.ts';
import { curvesPlot, relative } from './curves-plot.ts';
import { recallBars } from './recall-bars.ts';
import type { ComparedRun } from './run.ts';
import { commandText, head, rowOf } from './table.ts';

/** Eight colours that also differ in lightness, for both schemes; letters tell further runs apart. */
const colours = ['#24588f', '#b4521c', '#2c7a4b', '#8a4fa3', '#b48a3c', '#3a8f9a', '#a33255', '#6a645b'];
const bright = ['#7db3ec', '#f09a62', '#6cc492', '#c796e0', '#d3ac63', '#7fd0d8', '#ee8aa6', '#b5aea3'];
const rules = (list: readonly string[]): string => list.map((colour, i) => `.r${i} { --run: ${colour}; }`).join(' ');
const ownStyle = `
${rules(colours)}
@media (prefers-color-scheme: dark) { ${rules(bright)} }
.run { fill: none; stroke: var(--run); stroke-width: 2.2; stroke-linejoin: round; }
.dot, .bar { fill: var(--run); }
svg text.letter { fill: var(--ink); font-weight: 600; }
i.swatch { display: inline-block; width: 9px; height: 9px; border-radius: 50%; background: var(--run); margin-right: 7px; }
tr.best td, tr.best th { font-weight: 600; }
.runs th, .runs td { white-space: nowrap; }
.runs :is(th, td):nth-child(2), .runs :is(th, td):nth-child(3) { text-align: left; }
pre { white-space: pre-wrap; overflow-wrap: anywhere; font-size: 12px; background: var(--card); border: 1px solid var(--rule);
  border-radius: 6px; padding: 10px 14px; margin: 6px 0 16px; }
`;

/** The whole page. */
export function comparisonPage({ runs, remarks }: Comparison): string {
  const names = runs.map(({ name }) => name).join(', ');
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>Runs side by side: ${names}</title>
<style>${{ markup: style }}${{ markup: ownStyle }}</style>
</head>
<body>
<main>
<header><div><h1>Runs side by side</h1><p class="soft">Each at its best evaluation on the validation split.</p></div></header>
${remarks.map((remark) => html`<p>${remark}</p>`)}
${runsTable(runs)}
<h2>While they trained</h2>
<div class="pair">
<figure><figcaption>rSum on the validation split</figcaption>${curvesPlot({ id: 'rsum', title: 'Validation rSum', curves: runs.map(({ curves }) => curves.rsum), fromZero: false })}</figure>
<figure><figcaption>Training loss, as a share of its first value</figcaption>${curvesPlot({ id: 'loss', title: 'Training loss', curves: runs.map(({ curves }) => relative(curves.loss)), fromZero: true })}</figure>
</div>
<h2>What they reached, and at what cost</h2>
<div class="pair">
<figure><figcaption>Recalls at the best evaluation</figcaption>${recallBars(runs)}</figure>
<figure><figcaption>Cost against quality</figcaption>${costPlot(runs)}</figure>
</div>
<h2>Commands</h2>
${runs.map(({ command, folder, seed }, i) => html`<h3>${swatch(i)}${letterOf(i)}, ${folder}, seed ${seed}</h3><pre>${commandText(command)}</pre>`)}
<footer>Written by Diptych. rSum is the sum of the six recalls, 600 at most.</footer>
</main>
</body>
</html>
`.markup;
}

function runsTable(runs: readonly ComparedRun[]): Markup {
  const best = bestPosition(runs);
  const row = (run: ComparedRun, i: number): Markup => {
    const [letter, ...cells] = rowOf(run, i);
    return html`<tr${i === best && { markup: ' class="best"' }}><th scope="row">${swatch(i)}${letter}</th>${cells.map((cell) => html`<td>${cell}</td>`)}</tr>`;
  };
  return html`<div class="scroll"><table class="runs">
<thead><tr>${head.map((name) => html`<th scope="col">${name}</th>`)}</tr></thead>
<tbody>${runs.map(row)}</tbody></table></div>`;
}

function swatch(position: number): Markup {
  return html`<i class="swatch r${position % 8}"></i>`;
}
