import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

const FOLDER = join(import.meta.dirname, 'results');

/** Records measurements for people: a test asserts only what a busy machine can meet. */
export async function record(name: string, figures: Readonly<Record<string, number>>): Promise<void> {
  await mkdir(FOLDER, { recursive: true });
  await writeFile(join(FOLDER, `${name}.json`), `${JSON.stringify(figures, null, 2)}\n`);
}
