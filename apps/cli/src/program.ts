import { Command } from 'commander';
import manifest from '../package.json' with { type: 'json' };
import { addAccessCommands } from './program/access-commands.ts';
import { addOwnCommands } from './program/own-commands.ts';
import { addStatusCommands } from './program/status-commands.ts';
import { addTargetCommands } from './program/target-commands.ts';
import { addTaskCommands } from './program/task-commands.ts';
import type { Run } from './runtime/command-parts.ts';
import { createContext, type GlobalOptions } from './runtime/context.ts';

const AFTER_HELP = `
Examples:
  $ booner login --hub http://10.0.0.1:8000        store a token, typed at a prompt
  $ booner status --watch                          the fleet, live
  $ booner run 10.0.0.2 countdown -p seconds=5 -f  run an action and follow it to its end
  $ booner doctor                                  what is wrong, and what mends it

Exit codes:
  0 done   1 failed, or the answer is no   2 wrong usage   3 hub not reachable
  4 no valid token, or one that allows too little   5 not found   6 doctor found faults
  130 interrupted. \`run --follow\` passes on the exit code of the task's program.

Environment:
  BOONER_HUB, BOONER_TOKEN, BOONER_PROFILE, BOONER_CA_FILE, NO_COLOR`;

/** All commands. What they do is loaded when it is done. */
export function createProgram(onExitCode: (code: number) => void): Command {
  const program = new Command('booner')
    .description('Status and tasks of a fleet of hosts, on the command line')
    .version(manifest.version, '-V, --version', 'print the version')
    .option('--hub <url>', 'the hub, such as http://10.0.0.1:8000')
    .option('--profile <name>', 'a hub of `booner login`')
    .option('--token-file <file>', 'file that holds the token')
    .option('--ca-file <file>', 'CA of the hub, in PEM')
    .option('--json', 'print JSON')
    .option('--no-color', 'print without colours')
    .addHelpText('after', AFTER_HELP)
    .showHelpAfterError('(--help shows what there is)')
    .configureHelp({ sortSubcommands: false, showGlobalOptions: true })
    .exitOverride();
  const run: Run = async (command, body) => {
    const context = createContext(command.optsWithGlobals<GlobalOptions>());
    const code = await body(context);
    if (code !== undefined) onExitCode(code);
  };
  addStatusCommands(program, run);
  addTargetCommands(program, run);
  addTaskCommands(program, run);
  addAccessCommands(program, run);
  addOwnCommands(program, run, manifest.version);
  return program;
}
