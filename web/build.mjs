// Builds the pages into dist/web, unless what they are made of is the same as the last time.
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const web = dirname(fileURLToPath(import.meta.url));
const root = dirname(web);
const stamp = join(root, 'dist', '.webbuildinfo');
const made = join(root, 'dist', 'web', 'index.html');

const sources = readdirSync(join(web, 'src'), { recursive: true, withFileTypes: true })
  .filter((entry) => entry.isFile() && !entry.name.endsWith('.test.ts'))
  .map((entry) => join(entry.parentPath, entry.name));
const files = [...sources, join(web, 'index.html'), join(web, 'vite.config.ts'), join(root, 'package-lock.json')];
const hash = createHash('sha256');
for (const file of files.sort()) hash.update(file.slice(root.length)).update(readFileSync(file));
const now = hash.digest('hex');

if (!existsSync(made) || !existsSync(stamp) || readFileSync(stamp, 'utf8') !== now) {
  const { build } = await import('vite');
  await build({ configFile: join(web, 'vite.config.ts'), logLevel: 'warn' });
  writeFileSync(stamp, now);
}
