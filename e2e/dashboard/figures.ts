import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

const FOLDER = join(import.meta.dirname, 'results');

/** Keeps what was measured, for people: a test asserts no more than a busy machine can hold. */
export async function record(name: string, figures: Readonly<Record<string, number>>): Promise<void> {
  await mkdir(FOLDER, { recursive: true });
  await writeFile(join(FOLDER, `${name}.json`), `${JSON.stringify(figures, null, 2)}\n`);
}
