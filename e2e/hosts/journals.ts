import type { Machine } from './machine.ts';

const LINES = 40;

/** Prints the last lines of Booner's units and of systemd on these hosts, to explain a failure. */
export async function printJournals(machines: readonly Machine[]): Promise<void> {
  for (const machine of machines) {
    const { stdout, stderr } = await machine.tryExec([
      ...['journalctl', '--unit=booner-*', '--no-pager', '--output=short-precise', `--lines=${LINES}`],
    ]);
    process.stdout.write(`\n== journal of ${machine.host}\n${stdout}${stderr}`);
  }
}
