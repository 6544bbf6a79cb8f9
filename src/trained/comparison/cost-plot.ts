/** @file Cost against quality: the time each recipe took to its best evaluation, and the rSum of that, with spreads. */
import { html, type Markup } from '../../evaluation/report/markup.ts';
import { across, drawing, up } from '../../evaluation/report/plot.ts';
import { axes, scaleOf, shareOf } from './axes.ts';
import type { RunGroup, Spread } from './groups.ts';
import { durationText, spreadText } from './table.ts';

/** Mean less and plus the deviation. */
function ends({ mean, deviation }: Spread): [number, number] {
  return [mean - (deviation ?? 0), mean + (deviation ?? 0)];
}

export function costPlot(groups: readonly RunGroup[]): Markup {
  const points = groups.flatMap(({ name, reached }, i) => (reached ? [{ i, name, ...reached }] : []));
  if (points.length === 0) return html`<p class="soft">No run was evaluated yet.</p>`;
  const times = points.flatMap(({ secondsToBest }) => ends(secondsToBest));
  const longest = Math.max(...times);
  const [unit, size] = (longest < 90 ? ['seconds', 1] : longest < 5400 ? ['minutes', 60] : ['hours', 3600]) as [
    string,
    number,
  ];
  const inUnit = times.map((seconds) => Math.max(0, seconds / size));
  const x = scaleOf(inUnit, true);
  const y = scaleOf(
    points.flatMap(({ rsum }) => ends(rsum)),
    false,
  );
  const placeX = (seconds: number): number => across(shareOf(x, Math.max(0, seconds / size)));
  const placeY = (rsum: number): number => up(shareOf(y, rsum));
  const marks = points.map(({ i, name, rsum, secondsToBest }) => {
    const [cx, cy] = [placeX(secondsToBest.mean), placeY(rsum.mean)];
    const [low, high] = ends(rsum).map(placeY);
    const [left, right] = ends(secondsToBest).map(placeX);
    return html`<line class="spread" x1="${cx}" x2="${cx}" y1="${low}" y2="${high}"/><line class="spread" x1="${left}" x2="${right}" y1="${cy}" y2="${cy}"/>
<circle class="dot r${i % 8}" cx="${cx}" cy="${cy}" r="6"><title>${toldOf(name, rsum, secondsToBest)}</title></circle>
<text class="letter" x="${cx > across(0.75) ? cx - 10 : cx + 10}" y="${cy - 7}" text-anchor="${cx > across(0.75) ? 'end' : 'start'}">${name}</text>`;
  });
  const told = points.map(({ name, rsum, secondsToBest }) => toldOf(name, rsum, secondsToBest));
  return drawing('cost', 'Cost against quality', told.join(' '), [
    axes(x, y, `${unit} of training to the best evaluation`),
    ...marks,
  ]);
}

function toldOf(name: string, rsum: Spread, seconds: Spread): string {
  return `${name}: rSum ${spreadText(rsum)} after ${durationText(seconds.mean)}.`;
}
