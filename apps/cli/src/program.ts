import { Command } from 'commander';
import { addActionsCommand } from './commands/actions.ts';
import { addAlertAckCommand } from './commands/alert-ack.ts';
import { addAlertChannelCommands } from './commands/alert-channels.ts';
import { addAlertCheckCommand } from './commands/alert-check.ts';
import { addAlertDeliveriesCommand } from './commands/alert-deliveries.ts';
import { addAlertRulesCommand } from './commands/alert-rules.ts';
import { addAlertSilenceCommands } from './commands/alert-silences.ts';
import { addAlertTestCommand } from './commands/alert-test.ts';
import { addAlertsCommand } from './commands/alerts.ts';
import { addArtefactsCommand } from './commands/artefacts.ts';
import { addAuditCommand } from './commands/audit.ts';
import { addCancelCommand } from './commands/cancel.ts';
import { addCompletionCommands } from './commands/completion.ts';
import { addDoctorCommand } from './commands/doctor.ts';
import { addHistoryCommands } from './commands/history.ts';
import { addHookListCommand } from './commands/hook-list.ts';
import { addHookSetCommand } from './commands/hook-set.ts';
import { addHookShowCommand } from './commands/hook-show.ts';
import { addHookSteerCommands } from './commands/hook-steer.ts';
import { addLoginCommands } from './commands/login.ts';
import { addLogsCommand } from './commands/logs.ts';
import { addRolloutListCommand } from './commands/rollout-list.ts';
import { addRolloutPlanCommand } from './commands/rollout-plan.ts';
import { addRolloutRollbackCommand } from './commands/rollout-rollback.ts';
import { addRolloutShowCommand } from './commands/rollout-show.ts';
import { addRolloutStartCommand } from './commands/rollout-start.ts';
import { addRolloutSteerCommands } from './commands/rollout-steer.ts';
import { addRolloutWatchCommand } from './commands/rollout-watch.ts';
import { addRunCommand } from './commands/run.ts';
import { addScheduleListCommand } from './commands/schedule-list.ts';
import { addScheduleSetCommand } from './commands/schedule-set.ts';
import { addScheduleShowCommand } from './commands/schedule-show.ts';
import { addScheduleSteerCommands } from './commands/schedule-steer.ts';
import { addSecretListCommand } from './commands/secret-list.ts';
import { addSecretRemoveCommand } from './commands/secret-remove.ts';
import { addSecretSetCommand } from './commands/secret-set.ts';
import { addStatusCommand } from './commands/status.ts';
import { addTargetAddCommand } from './commands/target-add.ts';
import { addTargetLabelCommand } from './commands/target-label.ts';
import { addTargetPasswordsCommand } from './commands/target-passwords.ts';
import { addTargetReleaseCommand } from './commands/target-release.ts';
import { addTargetRemoveCommand } from './commands/target-remove.ts';
import { addTargetRotateCommand } from './commands/target-rotate.ts';
import { addTargetUpgradeCommand } from './commands/target-upgrade.ts';
import { addTargetListCommand, addTargetsCommand } from './commands/targets.ts';
import { addTasksCommand } from './commands/tasks.ts';
import { addTokenCommands } from './commands/tokens.ts';
import { addTopCommand } from './commands/top.ts';
import { addVersionCommand } from './commands/version.ts';
import { addWhoAmICommand } from './commands/whoami.ts';
import type { Run } from './runtime/command-parts.ts';
import { createContext, type GlobalOptions } from './runtime/context.ts';
import { VERSION } from './runtime/version.ts';

const AFTER_HELP = `
Examples:
  $ booner                                         show what needs attention and what to do next
  $ booner login --hub http://10.0.0.1:8000        store a token, entered at a prompt
  $ booner status --watch                          watch the fleet live
  $ booner history 10.0.0.2 --range 7d             show charts of a target
  $ booner alerts --follow                         watch what is wrong
  $ booner run 10.0.0.2 countdown -p seconds=5 -f  run an action and follow it until it ends
  $ booner rollout start web.deploy -l role=web    run an action on many targets, in batches
  $ booner doctor                                  find problems and how to fix them

Exit codes:
  0 success   1 failure   2 invalid usage   3 hub unreachable
  4 invalid token or missing permission   5 not found   6 doctor found problems
  130 interrupted
  \`run --follow\` and \`logs --follow\` exit with the code of the task's program.

Environment:
  BOONER_HUB, BOONER_TOKEN, BOONER_PROFILE, BOONER_CA_FILE, NO_COLOR`;

/** Adds the commands that act on one target. */
function addTargetCommands(program: Command, run: Run): void {
  const target = program
    .command('target')
    .description('list, add, label, remove, release, rotate and upgrade targets');
  addTargetListCommand(target, run);
  addTargetAddCommand(target, run);
  addTargetLabelCommand(target, run);
  addTargetRemoveCommand(target, run);
  addTargetReleaseCommand(target, run);
  addTargetPasswordsCommand(target, run);
  addTargetRotateCommand(target, run);
  addTargetUpgradeCommand(target, run);
}

/** Adds the commands on alerts and their settings. */
function addAlertCommands(program: Command, run: Run): void {
  const alert = program
    .command('alert')
    .description('acknowledge and silence alerts, test rules and channels');
  addAlertAckCommand(alert, run);
  addAlertSilenceCommands(alert, run);
  addAlertRulesCommand(alert, run);
  addAlertTestCommand(alert, run);
  addAlertCheckCommand(alert, run);
  addAlertChannelCommands(alert, run);
  addAlertDeliveriesCommand(alert, run);
}

/** Adds the commands on rollouts. */
function addRolloutCommands(program: Command, run: Run): void {
  const rollout = program
    .command('rollout')
    .description('run an action on many targets in batches: plan, start, watch, steer, roll back');
  addRolloutStartCommand(rollout, run);
  addRolloutPlanCommand(rollout, run);
  addRolloutWatchCommand(rollout, run);
  addRolloutListCommand(rollout, run);
  addRolloutShowCommand(rollout, run);
  addRolloutSteerCommands(rollout, run);
  addRolloutRollbackCommand(rollout, run);
}

/** Adds the commands on schedules. */
function addScheduleCommands(program: Command, run: Run): void {
  const schedule = program
    .command('schedule')
    .description('start an action by the clock: set, list, show, pause, resume, remove');
  addScheduleSetCommand(schedule, run);
  addScheduleListCommand(schedule, run);
  addScheduleShowCommand(schedule, run);
  addScheduleSteerCommands(schedule, run);
}

/** Adds the commands on hooks. */
function addHookCommands(program: Command, run: Run): void {
  const hook = program
    .command('hook')
    .description('start an action by a request from outside: set, list, show, rotate, pause, resume, remove');
  addHookSetCommand(hook, run);
  addHookListCommand(hook, run);
  addHookShowCommand(hook, run);
  addHookSteerCommands(hook, run);
}

/** Adds the commands on secrets. */
function addSecretCommands(program: Command, run: Run): void {
  const secret = program
    .command('secret')
    .description('set, list and remove the secrets that actions receive');
  addSecretSetCommand(secret, run);
  addSecretListCommand(secret, run);
  addSecretRemoveCommand(secret, run);
}

/** Commands in the order in which the help lists them. */
const COMMANDS: readonly ((program: Command, run: Run) => void)[] = [
  addStatusCommand,
  addTargetsCommand,
  addAlertsCommand,
  addAlertCommands,
  addHistoryCommands,
  addTopCommand,
  addActionsCommand,
  addTargetCommands,
  addTasksCommand,
  addRunCommand,
  addLogsCommand,
  addArtefactsCommand,
  addCancelCommand,
  addRolloutCommands,
  addScheduleCommands,
  addHookCommands,
  addSecretCommands,
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
    .description('Show the status of a fleet of hosts and run tasks on them')
    .version(VERSION, '-V, --version', 'print the version')
    .option('--hub <url>', 'URL of the hub, such as http://10.0.0.1:8000')
    .option('--profile <name>', 'profile stored by `booner login`')
    .option('--token-file <file>', 'file that contains the token')
    .option('--ca-file <file>', 'CA certificate of the hub, in PEM format')
    .option('--json', 'print JSON')
    .option('--no-color', 'disable colors')
    .addHelpText('after', AFTER_HELP)
    .showHelpAfterError('(run with --help to see commands and options)')
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
