import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { outputOf, tryRun } from '../hosts/command.ts';

const ROOT = join(import.meta.dirname, '../..');
/** The first `up` builds the images. */
const COMMANDS_DEADLINE_MS = 900_000;

/** A clone of this repository, in which the commands of docs/compose.md run. */
export type Clone = {
  readonly folder: string;
  /**
   * Runs commands in the clone as if they were pasted there, without a terminal. Returns what they
   * print, and fails at the first that fails.
   */
  paste(commands: string): Promise<string>;
  /**
   * Returns the block of commands in docs/compose.md that contains a text.
   * @throws Error if there is no such block, or more than one
   */
  documented(text: string): string;
};

/**
 * Clones this repository, without its uncommitted changes.
 * @throws Error without `npm run test:compose`, which starts a Docker engine for this
 */
export async function cloneForTests(): Promise<Clone> {
  const parent = process.env.BOONER_COMPOSE_FOLDER;
  if (parent === undefined) throw new Error('`npm run test:compose` starts the engine for this test');
  const home = join(parent, 'home');
  await mkdir(home);
  const folder = join(home, 'booner');
  outputOf('git clone', await tryRun(['git', 'clone', '--quiet', ROOT, folder]));
  const page = await readFile(join(folder, 'docs/compose.md'), 'utf8');
  const blocks = [...page.matchAll(/^```(?:ba)?sh\n(.*?)^```$/gms)].map(([, block]) => block!);
  return {
    folder,
    documented: (text) => {
      const [found, ...more] = blocks.filter((block) => block.includes(text));
      if (found === undefined || more.length > 0) {
        throw new Error(`${more.length + (found ? 1 : 0)} blocks of docs/compose.md contain ${text}`);
      }
      return found;
    },
    paste: async (commands) => {
      const script = commands.replaceAll(/docker compose (exec|run) /g, 'docker compose $1 -T ');
      const result = await tryRun(['bash', '-euo', 'pipefail', '-c', script], {
        cwd: folder,
        deadlineMs: COMMANDS_DEADLINE_MS,
      });
      return outputOf(commands, result);
    },
  };
}
