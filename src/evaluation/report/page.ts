/** @file The report as one HTML page that needs nothing else: no script, no request, pictures inside. */
import { counted } from '../../system/counted.ts';
import type { DirectionIntervals } from '../bootstrap.ts';
import type { RelevanceAgreement } from '../graded.ts';
import type { DirectionMetrics } from '../metrics.ts';
import type { EvaluationResult, FoldResult } from '../result.ts';
import type { RankHistogram, RecallCurves } from './curves.ts';
import { definitions, imageToTextQuestion, textToImageQuestion } from './definitions.ts';
import { documentHtml } from './document.ts';
import { facts } from './facts.ts';
import { foldHead, foldRows } from './fold-rows.ts';
import { histogramPlot } from './histogram-plot.ts';
import { html, type Markup } from './markup.ts';
import { count, range, rankText, tenth, thousandth } from './numbers.ts';
import { recallPlot } from './recall-plot.ts';
import { relevanceNote, relevanceRows } from './relevance-rows.ts';
import { style } from './style.ts';

/** What stands on the page. */
export interface Page {
  readonly title: string;
  readonly result: EvaluationResult;
  readonly curves: RecallCurves;
  readonly histogram: RankHistogram;
  /** The queries to look at, drawn already. */
  readonly examples: Markup;
}

/** The whole page. */
export function page({ title, result, curves, histogram, examples }: Page): string {
  return documentHtml({
    title: `${title}: retrieval report`,
    styles: [style],
    body: html`<main>
${heading(title, result)}
<div class="diptych">
${panel('a', 'Image → text', imageToTextQuestion(result), result.imageToText, result.intervals?.imageToText, result.chance.imageToText)}
${panel('b', 'Text → image', textToImageQuestion(result), result.textToImage, result.intervals?.textToImage, result.chance.textToImage)}
</div>
<h2>What the numbers mean</h2>
<dl>${definitions(result).map(({ term, text }) => html`<dt>${term}</dt><dd>${text}</dd>`)}</dl>
<h2>Curves and ranks</h2>
<div class="pair">
<figure><figcaption>Recall at K</figcaption>${recallPlot(curves)}</figure>
<figure><figcaption>Where the truth stands</figcaption>${histogramPlot(histogram)}</figure>
</div>
${ties(result)}
${result.folds !== undefined && foldsTable(result.folds)}
${judged(result)}
${result.relevance && relevanceTable(result.relevance)}
${examples}
<h2>Protocol</h2>
<table class="facts"><tbody>${facts(result).map(([name, value]) => html`<tr><th scope="row">${name}</th><td>${value}</td></tr>`)}</tbody></table>
<footer>Written by Diptych. Compare numbers only where split hash, tie rule and folds agree.</footer>
</main>`,
  });
}

function heading(title: string, result: EvaluationResult): Markup {
  const { rsum, intervals, chance, split, images, captions, folds } = result;
  const within = intervals === undefined ? '' : `${range(intervals.rsum)} · `;
  const cut = folds === undefined ? '' : `, mean of ${counted(folds.length, 'fold')}`;
  return html`<header>
<div><h1>${title}</h1><p class="soft">Retrieval on the <b>${split}</b> split: ${counted(images, 'picture')}, ${counted(captions, 'caption')}${cut}</p></div>
<div class="sum"><strong>${tenth(rsum)}</strong><span>rSum of 600 · ${within}chance ${tenth(chance.rsum)}</span></div>
</header>`;
}

function panel(
  mark: 'a' | 'b',
  title: string,
  question: string,
  metrics: DirectionMetrics,
  intervals: DirectionIntervals | undefined,
  chance: { r1: number; r5: number; r10: number },
): Markup {
  const recalls = [
    ['R@1', 'r1'],
    ['R@5', 'r5'],
    ['R@10', 'r10'],
  ] as const;
  const within = (name: keyof DirectionMetrics): string =>
    intervals === undefined ? '' : ` (${intervals[name].map(rankText).join('–')})`;
  return html`<section class="panel ${mark}">
<h2>${title}</h2>
<p>${question}</p>
${recalls.map(
  ([label, name]) => html`<div class="measure"><b>${label}</b>
<svg viewBox="0 0 100 26" preserveAspectRatio="none" aria-hidden="true">
<rect class="track" x="0" y="8" width="100" height="10"/><rect class="bar-${mark}" x="0" y="8" width="${tenth(metrics[name])}" height="10"/>
<line class="mark" vector-effect="non-scaling-stroke" x1="${tenth(chance[name])}" x2="${tenth(chance[name])}" y1="5" y2="21"/>
${intervals !== undefined && whisker(intervals[name])}
</svg>
<span class="value">${tenth(metrics[name])}</span>
<span class="between">${intervals !== undefined && `${range(intervals[name])} · `}chance ${tenth(chance[name])}</span></div>`,
)}
<div class="ranks"><div><b>${rankText(metrics.medianRank)}</b>median rank${within('medianRank')}</div>
<div><b>${tenth(metrics.meanRank)}</b>mean rank${intervals !== undefined && ` (${range(intervals.meanRank)})`}</div></div>
</section>`;
}

function whisker([low, high]: readonly [number, number]): Markup {
  const end = (x: number): Markup =>
    html`<line class="whisker" vector-effect="non-scaling-stroke" x1="${x.toFixed(2)}" x2="${x.toFixed(2)}" y1="9" y2="17"/>`;
  return html`<line class="whisker" vector-effect="non-scaling-stroke" x1="${low.toFixed(2)}" x2="${high.toFixed(2)}" y1="13" y2="13"/>${end(low)}${end(high)}`;
}

function ties({ ties: { imageQueries, textQueries, optimistic, pessimistic } }: EvaluationResult): Markup {
  if (imageQueries + textQueries === 0) {
    return html`<h2>Ties</h2><p>No rank hangs on a tie: both tie rules give the same numbers.</p>`;
  }
  const decided = `Ties decide the rank of ${count(imageQueries)} picture and ${count(textQueries)} caption queries`;
  return html`<h2>Ties</h2><p>${decided}: rSum ${tenth(pessimistic.rsum)} if they go against the model, ${tenth(optimistic.rsum)} if they go for it.</p>`;
}

function foldsTable(folds: readonly FoldResult[]): Markup {
  return html`<h2>Folds</h2>${numbers([foldHead, ...foldRows(folds)])}`;
}

function relevanceTable(relevance: RelevanceAgreement): Markup {
  return html`<h2>Agreement with relevance</h2>${numbers(relevanceRows(relevance))}<p class="soft">${relevanceNote}</p>`;
}

/** A table that may be wider than the page. */
function numbers([head, ...rows]: readonly string[][]): Markup {
  return html`<div class="scroll"><table>
<thead><tr>${head.map((name) => html`<th scope="col">${name}</th>`)}</tr></thead>
<tbody>${rows.map((row) => html`<tr>${row.map((cell) => html`<td>${cell}</td>`)}</tr>`)}</tbody></table></div>`;
}

function judged({ judgements }: EvaluationResult): Markup | undefined {
  if (judgements === undefined) return undefined;
  const { format, statistic, tauB, tauC, pairs, points, ownPairs, withoutOwn, quarantined } = judgements;
  const own = format === 'expert' ? 'left out' : 'kept, as is conventional';
  return html`<h2>Agreement with people</h2>
<section class="figures"><p>${format === 'expert' ? 'Expert grades, 1 to 4' : 'Crowd judgements, fraction of yes'}: ${statistic === 'tauC' ? 'tau-c' : 'tau-b'} is the statistic usually reported.</p>
<div class="ranks"><div><b>${thousandth(tauB)}</b>tau-b</div><div><b>${thousandth(tauC)}</b>tau-c</div>
<div><b>${count(pairs)}</b>pairs</div><div><b>${count(points)}</b>points</div></div>
<p class="soft">${counted(ownPairs, 'pair')} of a picture with its own caption ${own}.${withoutOwn !== undefined && ` Without them: tau-b ${thousandth(withoutOwn.tauB)}, tau-c ${thousandth(withoutOwn.tauC)} over ${counted(withoutOwn.pairs, 'pair')}.`} ${quarantined.length > 0 && `${counted(quarantined.length, 'line')} set aside.`}</p></section>`;
}
