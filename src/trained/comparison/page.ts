/** @file A comparison as one HTML page that needs nothing else. */
import { documentHtml } from '../../evaluation/report/document.ts';
import { html, type Markup } from '../../evaluation/report/markup.ts';
import { style } from '../../evaluation/report/style.ts';
import { commandText } from '../../system/command.ts';
import { bestPosition, type Comparison, letterOf } from './compare.ts';
import { costPlot } from './cost-plot.ts';
import { curvesPlot, relative } from './curves-plot.ts';
import { groupPositions, type RunGroup } from './groups.ts';
import { recallBars } from './recall-bars.ts';
import type { ComparedRun } from './run.ts';
import { runStyle } from './run-style.ts';
import { groupHead, groupRowOf, head, rowOf } from './table.ts';

const ownStyle = `
.spread { stroke: var(--ink); stroke-width: 1.4; }
i.swatch { display: inline-block; width: 9px; height: 9px; border-radius: 50%; background: var(--run); margin-right: 7px; }
tr.best td, tr.best th { font-weight: 600; }
.runs th, .runs td { white-space: nowrap; }
.each :is(th, td):nth-child(2), .each :is(th, td):nth-child(3) { text-align: left; }
pre { white-space: pre-wrap; overflow-wrap: anywhere; font-size: 12px; background: var(--card); border: 1px solid var(--rule);
  border-radius: 6px; padding: 10px 14px; margin: 6px 0 16px; }
`;

/** The whole page. */
export function comparisonPage({ runs, groups, remarks }: Comparison): string {
  const colourOf = groupPositions(groups);
  const names = runs.map(({ name }) => name).join(', ');
  return documentHtml({
    title: `Runs side by side: ${names}`,
    styles: [style, runStyle, ownStyle],
    body: html`<main>
<header><div><h1>Runs side by side</h1><p class="soft">Each at its best evaluation on the validation split.</p></div></header>
${remarks.map((remark) => html`<p>${remark}</p>`)}
${groupsTable(groups)}
${runsTable(runs, colourOf)}
<h2>While they trained</h2>
<div class="pair">
<figure><figcaption>rSum on the validation split</figcaption>${curvesPlot({ id: 'rsum', title: 'Validation rSum', curves: runs.map(({ curves }) => curves.rsum), colourOf, fromZero: false })}</figure>
<figure><figcaption>Training loss, as a share of its first value</figcaption>${curvesPlot({ id: 'loss', title: 'Training loss', curves: runs.map(({ curves }) => relative(curves.loss)), colourOf, fromZero: true })}</figure>
</div>
<h2>What they reached, and at what cost</h2>
<div class="pair">
<figure><figcaption>Recalls at the best evaluation, mean and standard deviation over seeds</figcaption>${recallBars(groups)}</figure>
<figure><figcaption>Cost against quality</figcaption>${costPlot(groups)}</figure>
</div>
<h2>Commands</h2>
${runs.map(({ command, folder, seed }, i) => html`<h3>${swatch(colourOf[i])}${letterOf(i)}, ${folder}, seed ${seed}</h3><pre>${commandText(command)}</pre>`)}
<footer>Written by Diptych. rSum is the sum of the six recalls, 600 at most.</footer>
</main>`,
  });
}

function groupsTable(groups: readonly RunGroup[]): Markup {
  const best = bestPosition(groups);
  const row = (group: RunGroup, i: number): Markup => {
    const [name, ...cells] = groupRowOf(group);
    return html`<tr${i === best && { markup: ' class="best"' }}><th scope="row">${swatch(i)}${name}</th>${cells.map((cell) => html`<td>${cell}</td>`)}</tr>`;
  };
  return html`<div class="scroll"><table class="runs"><caption>Mean ± standard deviation over seeds; gain is against the first</caption>
<thead><tr>${groupHead.map((name) => html`<th scope="col">${name}</th>`)}</tr></thead>
<tbody>${groups.map(row)}</tbody></table></div>`;
}

function runsTable(runs: readonly ComparedRun[], colourOf: readonly number[]): Markup {
  const row = (run: ComparedRun, i: number): Markup => {
    const [letter, ...cells] = rowOf(run, i);
    return html`<tr><th scope="row">${swatch(colourOf[i])}${letter}</th>${cells.map((cell) => html`<td>${cell}</td>`)}</tr>`;
  };
  return html`<div class="scroll"><table class="runs each"><caption>Each run</caption>
<thead><tr>${head.map((name) => html`<th scope="col">${name}</th>`)}</tr></thead>
<tbody>${runs.map(row)}</tbody></table></div>`;
}

function swatch(position: number): Markup {
  return html`<i class="swatch r${position % 8}"></i>`;
}
