import { readFile } from 'node:fs/promises';

/** Options of Node.js and environment of a daemon that has replaced its first process. */
export type StartedForm = {
  readonly options: readonly string[];
  readonly env: Readonly<Record<string, string>>;
};

const VARIABLES = /^(BOONER_PROCESS_\w+|NODE_COMPILE_CACHE|MALLOC_ARENA_MAX)$/;

/**
 * Reads how a daemon runs that was started from source. Started in this form at once, another one
 * saves the process that finds the bundle: a third of the work of a start.
 * @param file the daemon's source file, as in its command line
 * @returns `null` if it has not replaced itself, or this system does not tell
 */
export async function readStartedForm(pid: number, file: string): Promise<StartedForm | null> {
  const [command, environment] = await Promise.all([read(pid, 'cmdline'), read(pid, 'environ')]);
  const env = Object.fromEntries(
    environment.flatMap((line) => {
      const [name = '', value = ''] = line.split(/=(.*)/s);
      return VARIABLES.test(name) ? [[name, value]] : [];
    }),
  );
  if (env.BOONER_PROCESS_BUNDLE === undefined) return null;
  return { options: command.slice(1, command.indexOf(file)), env };
}

const read = async (pid: number, name: string): Promise<string[]> =>
  (await readFile(`/proc/${pid}/${name}`, 'utf8').catch(() => '')).split('\0');
