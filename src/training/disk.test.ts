import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { temporaryFolder } from '../testing/temporary.ts';
import { listCheckpoints } from './checkpoint/folder.ts';
import { loadCheckpoint } from './checkpoint/read.ts';
import { canMount, mountDisk } from './testing/disk.ts';
import { contentsOf, traceOf } from './testing/files.ts';
import { runTrial } from './testing/task.ts';

describe.skipIf(!canMount)('a disk', () => {
  test('that fills up ends the run with a coded error; nothing saved is lost, and the resumed run is exact', async () => {
    const trial = { steps: 40, saveEvery: 1, keepLast: 100 };
    const whole = temporaryFolder();
    await runTrial({ folder: whole, ...trial });
    // Different sizes run out in different places: tensors, manifest, logs.
    for (const size of ['128k', '132k', '136k', '140k', '144k']) {
      const disk = mountDisk(size);
      const folder = join(disk.folder, 'run');
      await expect(runTrial({ folder, ...trial })).rejects.toMatchObject({
        code: 'DIPTYCH_FILE_UNWRITABLE',
        fields: { reason: 'ENOSPC' },
      });
      const saved = await listCheckpoints(folder);
      expect(saved.length).toBeGreaterThan(3);
      for (const step of saved) await loadCheckpoint(folder, step);
      expect(readdirSync(join(folder, 'checkpoints')).length).toBe(saved.length);
      expect(readdirSync(folder).filter((name) => name.startsWith('lock.'))).toEqual([]);

      disk.remount('size=4m');
      await runTrial({ folder, ...trial, resume: true });
      expect(traceOf(folder)).toEqual(traceOf(whole));
    }
  });

  test('that is full before the run begins is a coded error', async () => {
    const disk = mountDisk('4k');
    const attempt = runTrial({ folder: join(disk.folder, 'run') });
    await expect(attempt).rejects.toMatchObject({ code: 'DIPTYCH_FILE_UNWRITABLE', fields: { reason: 'ENOSPC' } });
  });

  test('that is read-only refuses new runs and resumed ones, and is not touched', async () => {
    const disk = mountDisk('4m');
    const folder = join(disk.folder, 'run');
    await runTrial({ folder, steps: 20 });
    const before = contentsOf(folder);
    disk.remount('ro');
    for (const trial of [
      { folder: join(disk.folder, 'other') },
      { folder, steps: 20, resume: true },
      { folder, steps: 20 },
    ]) {
      await expect(runTrial(trial)).rejects.toMatchObject({
        code: 'DIPTYCH_FILE_UNWRITABLE',
        fields: { reason: 'EROFS' },
      });
    }
    expect(contentsOf(folder)).toEqual(before);
  });
});
