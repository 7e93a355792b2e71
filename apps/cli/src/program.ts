import { Command } from 'commander';
import { addActionsCommand } from './commands/actions.ts';
import { addAuditCommand } from './commands/audit.ts';
import { addCancelCommand } from './commands/cancel.ts';
import { addCompletionCommands } from './commands/completion.ts';
import { addDoctorCommand } from './commands/doctor.ts';
import { addLoginCommands } from './commands/login.ts';
import { addLogsCommand } from './commands/logs.ts';
import { addRunCommand } from './commands/run.ts';
import { addStatusCommand } from './commands/status.ts';
import { addTargetAddCommand } from './commands/target-add.ts';
import { addTargetRemoveCommand } from './commands/target-remove.ts';
import { addTargetUpgradeCommand } from './commands/target-upgrade.ts';
import { addTargetsCommand } from './commands/targets.ts';
import { addTasksCommand } from './commands/tasks.ts';
import { addTokenCommands } from './commands/tokens.ts';
import { addVersionCommand } from './commands/version.ts';
import { addWhoAmICommand } from './commands/whoami.ts';
import type { Run } from './runtime/command-parts.ts';
import { createContext, type GlobalOptions } from './runtime/context.ts';
import { VERSION } from './runtime/version.ts';

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

/** Adds the commands that act on one target. */
function addTargetCommands(program: Command, run: Run): void {
  const target = program.command('target').description('add, remove and upgrade targets');
  addTargetAddCommand(target, run);
  addTargetRemoveCommand(target, run);
  addTargetUpgradeCommand(target, run);
}

/** The commands, in the order of the help. */
const COMMANDS: readonly ((program: Command, run: Run) => void)[] = [
  addStatusCommand,
  addTargetsCommand,
  addActionsCommand,
  addTargetCommands,
  addTasksCommand,
  addRunCommand,
  addLogsCommand,
  addCancelCommand,
  addLoginCommands,
  addWhoAmICommand,
  addTokenCommands,
  addAuditCommand,
  addDoctorCommand,
  addCompletionCommands,
  addVersionCommand,
];

/** Creates the program with all its commands. */
export function createProgram(onExitCode: (code: number) => void): Command {
  const program = new Command('booner')
    .description('Status and tasks of a fleet of hosts, on the command line')
    .version(VERSION, '-V, --version', 'print the version')
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
  for (const add of COMMANDS) add(program, run);
  return program;
}
