/** @file How uPlot draws a chart: in the colours of the page. */
import type { Options, Series } from 'uplot';
import type { Chart } from './curves.ts';
import { colourOf } from './state.ts';

/** Distances of marks on the axis of steps, of which there are no halves. */
const wholeSteps = Array.from({ length: 10 }, (_, power) => [1, 2, 5].map((digit) => digit * 10 ** power)).flat();

/** @param element whose colours are taken @param names of the runs, one curve each */
export function plotOptions(
  element: Element,
  { kind, logarithmic }: Chart,
  names: readonly string[],
  { width, height }: { width: number; height: number },
): Options {
  const style = getComputedStyle(element);
  // A canvas knows no variables: a probe says what they come to.
  const probe = document.createElement('span');
  element.append(probe);
  const colour = (value: string): string => {
    probe.style.color = value;
    return getComputedStyle(probe).color;
  };
  const [soft, rule] = [colour('var(--soft)'), colour('var(--rule)')];
  const curves = names.map(
    (label, i): Series => ({
      label,
      stroke: colour(colourOf(i)),
      width: 1.75,
      spanGaps: true,
      points: { show: kind === 'evaluation', size: 5 },
    }),
  );
  probe.remove();
  const axis = {
    stroke: soft,
    font: `11px ${style.fontFamily}`,
    grid: { stroke: rule, width: 1 },
    ticks: { show: false },
  };
  return {
    width,
    height,
    padding: [8, 10, 0, 0],
    legend: { show: false },
    cursor: { y: false, points: { size: 7 } },
    scales: { x: { time: false }, y: logarithmic ? { distr: 3 } : {} },
    axes: [
      { ...axis, size: 26, incrs: wholeSteps },
      { ...axis, size: 50, values: (_, splits) => splits.map((value) => (value === null ? '' : shortText(value))) },
    ],
    series: [{}, ...curves],
  };
}

/** A number of an axis: 0.0005, 12, 3.4k, 5e-7. */
export function shortText(value: number): string {
  const size = Math.abs(value);
  if (size >= 10_000) return `${Number((value / 1000).toPrecision(3))}k`;
  if (size !== 0 && size < 1e-3) return value.toExponential(0);
  return String(Number(value.toPrecision(4)));
}
