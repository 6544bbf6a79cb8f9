/** @file Cost against quality: the time a run took to its best evaluation, and the rSum of that. */
import { html, type Markup } from '../../evaluation/report/markup.ts';
import { tenth } from '../../evaluation/report/numbers.ts';
import { across, drawing, up } from '../../evaluation/report/plot.ts';
import { axes, scaleOf, shareOf } from './axes.ts';
import { letterOf } from './compare.ts';
import type { ComparedRun } from './run.ts';
import { durationText } from './table.ts';

export function costPlot(runs: readonly ComparedRun[]): Markup {
  const points = runs.flatMap(({ best, secondsToBest }, i) => (best ? [{ i, rsum: best.rsum, secondsToBest }] : []));
  if (points.length === 0) return html`<p class="soft">No run was evaluated yet.</p>`;
  const longest = Math.max(...points.map((point) => point.secondsToBest));
  const [unit, size] = longest < 90 ? ['seconds', 1] : longest < 5400 ? ['minutes', 60] : ['hours', 3600];
  const x = scaleOf(
    points.map((point) => point.secondsToBest / (size as number)),
    true,
  );
  const y = scaleOf(
    points.map(({ rsum }) => rsum),
    false,
  );
  const marks = points.map(({ i, rsum, secondsToBest }) => {
    const [cx, cy] = [across(shareOf(x, secondsToBest / (size as number))), up(shareOf(y, rsum))];
    return html`<circle class="dot r${i % 8}" cx="${cx}" cy="${cy}" r="6"><title>${letterOf(i)}: rSum ${tenth(rsum)} after ${durationText(secondsToBest)}</title></circle>
<text class="letter" x="${cx + 10}" y="${cy + 4}">${letterOf(i)}</text>`;
  });
  const told = points.map(
    ({ i, rsum, secondsToBest }) => `${letterOf(i)}: ${tenth(rsum)} after ${durationText(secondsToBest)}.`,
  );
  return drawing('cost', 'Cost against quality', told.join(' '), [
    axes(x, y, `${unit} of training to the best evaluation`),
    ...marks,
  ]);
}
