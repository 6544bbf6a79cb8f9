/** @file The page of all error codes, made from the registry: docs/errors.md. */
import type { ErrorEntry } from './entry.ts';
import { registry } from './registry.ts';

const opening = `# Errors

Made from the registry in \`src/errors\` by \`npm run docs\`; a test keeps it current.

Every error that Diptych foresees has a code that stays the same. On a terminal it is told as

    DIPTYCH_CODE: the place, and what is wrong there
      what to do now

and with \`--json\` stdout holds the one line \`{"error":{"code","message","cure"}}\`. \`--verbose\` adds the stack and the
errors underneath. The exit code is 1 unless said below; 130 and 143 tell that SIGINT or SIGTERM ended the command.
`;

/** The whole page, codes in the order of the alphabet. */
export function errorsPage(): string {
  const rows = Object.entries<ErrorEntry>(registry as unknown as Record<string, ErrorEntry>);
  return [opening, ...rows.sort(([a], [b]) => (a < b ? -1 : 1)).map(section)].join('\n');
}

function section([code, { why, cure, exit }]: [string, ErrorEntry]): string {
  const ends = exit === undefined ? '' : `\n**Exit code:** ${exit}\n`;
  return `## ${code}\n\n**When:** ${why}\n\n**What to do:** ${cure}\n${ends}`;
}
