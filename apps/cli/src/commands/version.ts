import type { Command } from 'commander';
import type { Run } from '../runtime/command-parts.ts';
import type { Context } from '../runtime/context.ts';
import { VERSION } from '../runtime/version.ts';
import { withHub } from '../runtime/with-hub.ts';

/** Adds `booner version`. */
export function addVersionCommand(program: Command, run: Run): void {
  program
    .command('version')
    .description('show the versions of this program and of the hub')
    .action((_options: object, command: Command) => run(command, (context) => showVersion(context)));
}

/** Runs `booner version`. JSON: `{cli, hub, node}`; `hub` is `null` if unknown. */
async function showVersion(context: Context): Promise<undefined> {
  const { terminal, isJson } = context;
  const hub = await withHub(context, async (client) => (await client.readAccess()).version ?? null).catch(
    () => null,
  );
  if (isJson) return void terminal.printJson({ cli: VERSION, hub, node: process.versions.node });
  terminal.print(`booner ${VERSION}`, `hub    ${hub ?? 'unknown'}`, `node   ${process.versions.node}`);
}
