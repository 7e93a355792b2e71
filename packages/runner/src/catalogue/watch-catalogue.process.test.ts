import { chmod, mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { eventually } from '@booner/testkit';
import { expect, it } from 'vitest';
import type { Catalogue } from './action.ts';
import { watchCatalogue } from './watch-catalogue.ts';

const what = 'the catalogue';
const deadlineMs = 60_000;
const text = (timeoutSeconds: number) => `name: a\ncommand: ["true"]\ntimeoutSeconds: ${timeoutSeconds}\n`;

async function watchFolder(folder: string) {
  const stop = new AbortController();
  const catalogues: Catalogue[] = [];
  const errors: unknown[] = [];
  const done = watchCatalogue(
    folder,
    { lookEveryMs: 20, onCatalogue: (each) => catalogues.push(each), onError: (error) => errors.push(error) },
    stop,
  );
  const timeoutOfLast = () => catalogues.at(-1)?.actions.get('a')?.timeoutSeconds;
  return {
    catalogues,
    errors,
    until: (timeoutSeconds: number | undefined) =>
      eventually(() => catalogues.length > 0 && timeoutOfLast() === timeoutSeconds, { deadlineMs, what }),
    [Symbol.asyncDispose]: async () => {
      stop.abort();
      await done;
    },
  };
}

it('reports the actions at once, and again after each change of content, mode, name or folder', async () => {
  const parent = await mkdtemp(join(tmpdir(), 'booner-watch-'));
  const folder = join(parent, 'actions.d');
  const file = join(folder, 'a.yaml');
  {
    await using watch = await watchFolder(folder);
    await watch.until(undefined);
    expect(watch.catalogues[0]?.refused).toMatchObject([{ reason: 'does not exist' }]);

    await mkdir(folder, { mode: 0o755 });
    await writeFile(file, text(1), { mode: 0o644 });
    await watch.until(1);
    await writeFile(file, text(2));
    await watch.until(2);
    await chmod(file, 0o666);
    await watch.until(undefined);
    await chmod(file, 0o644);
    await watch.until(2);
    await writeFile(join(folder, 'new'), text(3), { mode: 0o644 });
    await rename(join(folder, 'new'), file);
    await watch.until(3);
    await rm(folder, { recursive: true });
    await watch.until(undefined);
    expect(watch.errors).toEqual([]);
  }
  await rm(parent, { recursive: true });
});

it('reports nothing if a file was touched without a change', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'booner-watch-'));
  {
    await writeFile(join(folder, 'a.yaml'), text(1), { mode: 0o644 });
    await using watch = await watchFolder(folder);
    await watch.until(1);
    await writeFile(join(folder, 'a.yaml'), text(1));
    await writeFile(join(folder, 'b.yaml'), text(1).replace('name: a', 'name: b'), { mode: 0o644 });
    await eventually(() => watch.catalogues.at(-1)?.actions.has('b'), { deadlineMs, what });
    expect(watch.catalogues).toHaveLength(2);
  }
  await rm(folder, { recursive: true });
});
