/** @file A comparison as Markdown: the table, remarks, and the command of each row. */
import { plain, table } from '../../evaluation/report/markdown-table.ts';
import { commandText } from '../../system/command.ts';
import { bestPosition, type Comparison, letterOf } from './compare.ts';
import { groupHead, groupRowOf, head, rowOf } from './table.ts';

/** The table alone, as it is printed. */
export function comparisonTable({ runs }: Comparison): string {
  return table([head, ...runs.map(rowOf)]);
}

/** Mean and spread of each recipe. */
function groupsTable({ groups }: Comparison): string {
  return `## Over seeds\n\nMean ± standard deviation; gain is against the first.\n\n${table([groupHead, ...groups.map(groupRowOf)])}`;
}

/** The whole page. */
export function comparisonMarkdown(comparison: Comparison): string {
  const { runs, groups, remarks } = comparison;
  const best = bestPosition(groups);
  const sections = [
    '# Runs side by side',
    comparisonTable(comparison),
    runs.length > groups.length || groups.length > 1 ? groupsTable(comparison) : undefined,
    best === undefined
      ? undefined
      : `Highest mean rSum on the validation split: ${plain(groups[best].name)} (${groups[best].positions.map(letterOf).join(', ')}).`,
    ...remarks,
    `## Commands\n\n${runs.map(({ command, folder }, i) => `${letterOf(i)}, ${plain(folder)}:\n\n    ${commandText(command)}`).join('\n\n')}`,
  ];
  return `${sections.filter((section) => section !== undefined).join('\n\n')}\n`;
}
