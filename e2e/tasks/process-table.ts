import { readdir, readFile } from 'node:fs/promises';

export type TableEntry = { readonly pid: number; readonly commandLine: string; readonly environment: string };

/** The living processes whose command line or environment holds a text. */
export async function processesWith(text: string): Promise<readonly TableEntry[]> {
  return (await readProcessTable()).filter(
    ({ commandLine, environment }) => commandLine.includes(text) || environment.includes(text),
  );
}

/** The living processes that were started for a task. */
export async function processesOfTask(id: string): Promise<readonly number[]> {
  return (await processesWith(`BOONER_TASK_ID=${id}`)).map(({ pid }) => pid);
}

/** Kills what still runs of some tasks. */
export async function killProcessesOf(ids: ReadonlySet<string>): Promise<void> {
  const marks = new Set([...ids].map((id) => `BOONER_TASK_ID=${id}`));
  for (const { pid, environment } of await readProcessTable()) {
    if (environment.split('\0').some((variable) => marks.has(variable))) killUnlessGone(pid);
  }
}

function killUnlessGone(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

/**
 * Reads every process of this machine that it may inspect, except zombies, whose parents may never
 * wait for them.
 */
export async function readProcessTable(): Promise<readonly TableEntry[]> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  const entries = await Promise.all(pids.map(readEntry));
  return entries.filter((entry) => entry !== null);
}

async function readEntry(pid: string): Promise<TableEntry | null> {
  try {
    const [stat, commandLine, environment] = await Promise.all(
      ['stat', 'cmdline', 'environ'].map((name) => readFile(`/proc/${pid}/${name}`, 'utf8')),
    );
    if (/^\d+ \(.*\) [ZX] /s.test(stat!)) return null;
    return { pid: Number(pid), commandLine: commandLine!, environment: environment! };
  } catch (error) {
    const { code = '' } = error as NodeJS.ErrnoException;
    // It ended meanwhile, or belongs to another user.
    if (['ENOENT', 'ESRCH', 'EACCES', 'EPERM'].includes(code)) return null;
    throw error;
  }
}
