/** @file What was done to an index, for people. */
import type { Changes, UpdateReport } from '../index/build.ts';
import { figureText } from './progress/words.ts';

/** How many of the pictures that were set aside are named; `index info` lists them all. */
const SHOWN = 5;

/** Lines on one source: counts by kind, rate, what was set aside. */
export function reportLines({ source, images, captions, quarantined, complete, seconds }: UpdateReport): string[] {
  const encoded = images.added + images.changed;
  const rate = encoded > 0 && seconds > 0 ? `, ${figureText(encoded / seconds)} pictures a second` : '';
  const counted = [`${source}: pictures ${changesText(images)}${rate}`];
  if (Object.values(captions).some((count) => count > 0)) counted.push(`captions ${changesText(captions)}`);
  const lines = [counted.join('; ')];
  if (quarantined.length > 0) lines.push(`set aside: ${quarantined.length}`);
  for (const { file, line, reason } of quarantined.slice(0, SHOWN)) {
    lines.push(`  ${file}${line === undefined ? '' : `:${line}`}: ${reason}`);
  }
  if (!complete) lines.push('stopped before the end; run the same command again to go on');
  return lines;
}

/** `40 added, 2 changed, 3 removed, 12 unchanged`; what is zero is left out. */
function changesText({ added, changed, described, removed, unchanged }: Changes): string {
  const counts = { added, 'encoded again': changed, 'described anew': described, removed, unchanged };
  const told = Object.entries(counts).flatMap(([what, count]) => (count > 0 ? [`${count} ${what}`] : []));
  return told.join(', ') || 'none';
}
