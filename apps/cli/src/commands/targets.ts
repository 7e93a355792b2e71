import type { FileSystemMeasurement, Target } from '@booner/protocol';
import { diskUsageRatio } from '@booner/protocol/disk-usage';
import { labelsText } from '@booner/protocol/labels';
import { viewSubjectOf } from '@booner/protocol/selector';
import type { Command } from 'commander';
import { usageError } from '../errors/cli-error.ts';
import { examples, type Run } from '../runtime/command-parts.ts';
import type { Context } from '../runtime/context.ts';
import { selectorOption, statusOption, type TargetChoice } from '../runtime/selector-option.ts';
import { withHub } from '../runtime/with-hub.ts';
import { ageText, bytesText, percentText, timeText } from '../terminal/figures.ts';
import { safeText } from '../terminal/safe-text.ts';
import { type Column, renderTable } from '../terminal/table.ts';
import { noteOf, statusMark } from '../texts/fleet-texts.ts';
import { labelsWithSource } from '../texts/label-texts.ts';
import { printFacts } from '../texts/print-facts.ts';
import { noteCell } from '../texts/target-cells.ts';
import { hasStatus, shortagesOfTarget } from '../texts/trouble.ts';
import { printActions } from './actions.ts';

/** Adds `booner targets`. */
export function addTargetsCommand(program: Command, run: Run): void {
  program
    .command('targets')
    .description('list all targets with their system and agent, or show one in detail')
    .argument('[host]', 'target to show')
    .addOption(statusOption())
    .addOption(selectorOption())
    .addHelpText(
      'after',
      examples(
        'targets',
        'targets --status trouble',
        'targets 10.0.0.2',
        'targets 10.0.0.2 --json',
        "targets --selector 'role=db,env!=prod'",
      ),
    )
    .action((host: string | undefined, choice: TargetChoice, command: Command) =>
      run(command, (context) => {
        if (host === undefined) return listTargets(context, choice);
        const { selector, status } = choice;
        if (selector === undefined && status === undefined) return showTarget(context, host);
        throw usageError(
          `specify a target or ${selector === undefined ? '--status' : '--selector'}, not both`,
        );
      }),
    );
}

/** Adds `booner target list`, which does the same as `booner targets` without a host. */
export function addTargetListCommand(target: Command, run: Run): void {
  target
    .command('list')
    .description('list all targets, the same as `booner targets`')
    .addOption(statusOption())
    .addOption(selectorOption())
    .addHelpText('after', examples('target list', 'target list --status trouble'))
    .action((choice: TargetChoice, command: Command) =>
      run(command, (context) => listTargets(context, choice)),
    );
}

const COLUMNS: readonly Column[] = [
  { title: 'HOST', shrinksTo: 12 },
  { title: 'STATUS' },
  { title: 'LABEL', shrinksTo: 8, dispensable: 2 },
  { title: 'LABELS', shrinksTo: 8, dispensable: 6 },
  { title: 'AGENT' },
  { title: 'SYSTEM', shrinksTo: 12, dispensable: 4 },
  { title: 'CPU', shrinksTo: 12, dispensable: 3 },
  { title: 'RAM', align: 'right' },
  { title: 'SEEN', align: 'right' },
  { title: 'NOTE', shrinksTo: 10, dispensable: 5 },
];

/** Runs `booner targets`. JSON: the response of `GET /targets`, filtered. */
function listTargets(context: Context, { selector, status }: TargetChoice): Promise<undefined> {
  return withHub(context, async (client) => {
    const listed = await client.listTargets({ selector: selector?.text });
    const targets = listed.filter(
      (target) =>
        hasStatus(status, target.status, shortagesOfTarget(target)) &&
        (selector?.matches(viewSubjectOf(target)) ?? true),
    );
    const { terminal, isJson } = context;
    if (isJson) return void terminal.printJson({ targets });
    if (targets.length === 0) {
      const isFiltered = selector !== undefined || status !== undefined;
      terminal.note(
        isFiltered ? 'No target matches.' : 'No targets yet. Run `booner target add HOST` to add one.',
      );
      return;
    }
    const nowMs = Date.now();
    const rows = targets.map((target) => [
      safeText(target.host),
      statusMark(target.status, terminal),
      safeText(target.label ?? ''),
      safeText(labelsText(target.labels ?? {})),
      safeText(target.inventory?.agentVersion ?? ''),
      safeText(target.inventory?.os.name ?? target.inventory?.os.platform ?? ''),
      cpuText(target),
      bytesText(target.inventory?.memoryTotalBytes ?? null),
      ageText(target.lastSeenAtMs, nowMs),
      noteCell(target, shortagesOfTarget(target), terminal),
    ]);
    terminal.print(...renderTable(COLUMNS, rows, terminal));
  });
}

/** Runs `booner targets HOST`. JSON: the response of `GET /targets/:host`. */
function showTarget(context: Context, host: string): Promise<undefined> {
  return withHub(context, async (client) => {
    const target = await client.readTarget(host);
    const { terminal, isJson } = context;
    if (isJson) return void terminal.printJson(target);
    const { inventory } = target;
    printFacts(terminal, [
      ['host', target.host],
      ['status', statusMark(target.status, terminal)],
      ['label', target.label],
      ['labels', labelsWithSource(target)],
      ['note', noteOf(target)],
      ...quarantineFacts(target),
      ['last seen', ageText(target.lastSeenAtMs, Date.now())],
      ['first seen', target.firstSeenAtMs === null ? null : timeText(target.firstSeenAtMs)],
      ['agent', inventory?.agentVersion],
      [
        'system',
        inventory === null
          ? null
          : [inventory.os.name, inventory.os.kernel, inventory.os.architecture].filter(Boolean).join(', '),
      ],
      ['cpu', cpuText(target)],
      ['memory', inventory?.memoryTotalBytes == null ? null : bytesText(inventory.memoryTotalBytes)],
      ['gpus', inventory?.gpus.map(({ name }) => name).join(', ')],
      ...fileSystemFacts(target),
    ]);
    const { actions, online } = await client.listActions(host);
    terminal.print('');
    printActions(terminal, target.host, { actions, online });
  });
}

/** Returns why a target is quarantined, and what to do. */
function quarantineFacts({ host, quarantine }: Target): [string, string][] {
  if (quarantine == null) return [];
  const { sinceMs, reason, redisLine } = quarantine;
  return [
    ['quarantined', `since ${timeText(sinceMs)}: ${safeText(reason)}`],
    ...(redisLine === null ? [] : [['in redis-cli', safeText(redisLine)] satisfies [string, string]]),
    ['to release', `booner target release ${host}`],
  ];
}

function cpuText({ inventory }: Target): string {
  const cpu = inventory?.cpu ?? null;
  if (cpu === null) return '';
  return `${safeText(cpu.model ?? 'unknown')}, ${cpu.logicalCores} ${cpu.logicalCores === 1 ? 'core' : 'cores'}`;
}

/** Returns disk use by mount point, with its age if the target is not active. */
function fileSystemFacts({ sample, status, lastSeenAtMs }: Target): [string, string][] {
  if (sample === null) return [];
  const age = status === 'active' ? '' : ` (${ageText(lastSeenAtMs ?? sample.sampledAtMs, Date.now())})`;
  return (sample.fileSystems ?? []).map((fileSystem) => [
    `disk ${safeText(fileSystem.mountPoint)}`,
    `${spaceText(fileSystem)}${age}`,
  ]);
}

function spaceText({ unavailable, ...space }: FileSystemMeasurement): string {
  if (unavailable !== undefined) return safeText(unavailable);
  const { usedBytes, availableBytes, totalBytes } = space;
  return `${percentText(diskUsageRatio(space))}, ${bytesText(usedBytes)} used and ${bytesText(availableBytes)} available of ${bytesText(totalBytes)}`;
}
