/** @file A check of a data set as text for people. */
import { relative } from 'node:path';
import { counted, grouped } from '../../system/counted.ts';
import type { Quarantined } from '../dataset.ts';
import type { CheckReport, Distribution, Group, PictureReport } from './report.ts';

/** How many lines of a list are shown. */
const SHOWN = 10;

/** Writes a report in some forty lines at most; long lists are cut, and say by how much. */
export function formatCheck(report: CheckReport): string {
  const { name, root, images, captions, pictures, leakage, quarantined } = report;
  const lines = [
    `${name} (${root})`,
    `${counted(images, 'image')}, ${counted(captions, 'caption')}, fingerprint ${report.fingerprint.slice(0, 16)}`,
    ...report.splits.map(
      (split) => `  ${split.split}: ${counted(split.images, 'image')}, ${counted(split.captions, 'caption')}`,
    ),
    `captions per image: ${spread(report.captionsPerImage)}`,
    `words per caption: ${spread(report.wordsPerCaption)}`,
    ...list(
      'caption that several images share',
      'captions that several images share',
      report.sharedCaptions,
      (shared) => `${counted(shared.images, 'image')}: ${JSON.stringify(shared.text)}`,
    ),
    ...(pictures === undefined ? ['pictures were not looked at'] : describePictures(pictures)),
    ...groups('image id in two splits', 'image ids in two splits', leakage.ids),
    ...groups('same file in two splits', 'same files in two splits', leakage.sameBytes),
    ...groups('same picture in two splits', 'same pictures in two splits', leakage.samePixels),
    ...list('record set aside', 'records set aside', quarantined, describeQuarantined),
    report.clean ? 'no faults' : 'faults were found; nothing was changed',
  ];
  return `${lines.join('\n')}\n`;
}

function describePictures({ decoded, unreadable, width, height, sameBytes, samePixels }: PictureReport): string[] {
  return [
    `${counted(decoded, 'picture')} decoded, width ${range(width)}, height ${range(height)}`,
    ...list('unreadable picture', 'unreadable pictures', unreadable, ({ reason }) => reason),
    ...groups('file that several images share', 'files that several images share', sameBytes),
    ...groups('picture stored as several files', 'pictures stored as several files', samePixels),
  ];
}

/** `FILE:LINE ID: reason`, the file relative to where the command runs if it lies below. */
function describeQuarantined({ file, line, id, reason }: Quarantined): string {
  const near = relative(process.cwd(), file);
  const shown = near.startsWith('..') || near === '' ? file : near;
  return `${shown}${line === undefined ? '' : `:${line}`}${id === undefined ? '' : ` ${id}`}: ${reason}`;
}

/** A heading with the number of items and the first of them; nothing if there are none. */
function list<T>(one: string, many: string, items: readonly T[], describe: (item: T) => string): string[] {
  if (items.length === 0) return [];
  const more = items.length - SHOWN;
  return [
    `${grouped(items.length)} ${items.length === 1 ? one : many}`,
    ...items.slice(0, SHOWN).map((item) => `  ${describe(item)}`),
    ...(more > 0 ? [`  and ${grouped(more)} more`] : []),
  ];
}

function groups(one: string, many: string, found: readonly Group[]): string[] {
  return list(one, many, found, ({ ids, splits }) =>
    (ids.length === 1 ? [`${ids[0]} (${splits.join(', ')})`] : ids.map((id, i) => `${id} (${splits[i]})`)).join(' = '),
  );
}

function spread({ min, mean, p5, median, p95, p99, max }: Distribution): string {
  return `${min} to ${max}, mean ${mean.toFixed(2)}; 5 % ${p5}, half ${median}, 95 % ${p95}, 99 % ${p99}`;
}

function range({ min, max }: Distribution): string {
  return min === max ? `${min}` : `${min} to ${max}`;
}
