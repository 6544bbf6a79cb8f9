import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';
import { expect, test } from 'vitest';
import { temporaryFolder } from '../../testing/temporary.ts';
import { thumbnails } from './pictures.ts';

async function decoded(uri: string) {
  expect(uri).toMatch(/^data:image\/jpeg;base64,/);
  return sharp(Buffer.from(uri.slice(uri.indexOf(',') + 1), 'base64'))
    .raw()
    .toBuffer({ resolveWithObject: true });
}

test('a large picture is made small, a small one is left; both are JPEG', async () => {
  const folder = temporaryFolder();
  const [large, small] = [join(folder, 'large.png'), join(folder, 'small.png')];
  await sharp({ create: { width: 1600, height: 400, channels: 3, background: '#204060' } }).toFile(large);
  await sharp({ create: { width: 20, height: 30, channels: 3, background: '#204060' } }).toFile(small);
  const { byPath, quarantined } = await thumbnails([large, small, large]);
  expect(quarantined).toEqual([]);
  expect([byPath.get(large), byPath.get(small)]).toMatchObject([
    { width: 320, height: 80 },
    { width: 20, height: 30 },
  ]);
  const { data, info } = await decoded(byPath.get(large)!.uri);
  expect([info.width, info.height]).toEqual([320, 80]);
  for (const [channel, value] of [0x20, 0x40, 0x60].entries()) expect(Math.abs(data[channel] - value)).toBeLessThan(6);
});

test('pictures stand upright as their EXIF says, and transparency becomes white', async () => {
  const folder = temporaryFolder();
  const [turned, clear] = [join(folder, 'turned.jpg'), join(folder, 'clear.png')];
  const wide = sharp({ create: { width: 60, height: 40, channels: 3, background: 'red' } });
  await wide.withMetadata({ orientation: 6 }).jpeg().toFile(turned);
  await sharp({ create: { width: 8, height: 8, channels: 4, background: { r: 0, g: 0, b: 0, alpha: 0 } } }).toFile(
    clear,
  );
  const { byPath } = await thumbnails([turned, clear]);
  expect(byPath.get(turned)).toMatchObject({ width: 40, height: 60 });
  expect((await decoded(byPath.get(clear)!.uri)).data[0]).toBeGreaterThan(250);
});

test('what cannot be read is listed, and the rest goes on', async () => {
  const folder = temporaryFolder();
  const [good, broken, missing] = ['good.png', 'broken.jpg', 'missing.jpg'].map((name) => join(folder, name));
  await sharp({ create: { width: 4, height: 4, channels: 3, background: 'blue' } }).toFile(good);
  writeFileSync(broken, 'not a picture');
  const { byPath, quarantined } = await thumbnails([missing, good, broken]);
  expect([...byPath.keys()]).toEqual([good]);
  expect(quarantined.map(({ file }) => file)).toEqual([broken, missing]);
});
