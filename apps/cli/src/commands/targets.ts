import type { FileSystemMeasurement, Target } from '@booner/protocol';
import { diskUsageRatio } from '@booner/protocol/disk-usage';
import type { Command } from 'commander';
import { examples, type Run } from '../runtime/command-parts.ts';
import type { Context } from '../runtime/context.ts';
import { withHub } from '../runtime/with-hub.ts';
import { ageText, bytesText, percentText, timeText } from '../terminal/figures.ts';
import { safeText } from '../terminal/safe-text.ts';
import { type Column, renderTable } from '../terminal/table.ts';
import { noteOf, statusMark } from '../texts/fleet-texts.ts';
import { printFacts } from '../texts/print-facts.ts';
import { printActions } from './actions.ts';

/** Adds `booner targets`. */
export function addTargetsCommand(program: Command, run: Run): void {
  program
    .command('targets')
    .description('list all targets with their system and agent, or show one in detail')
    .argument('[host]', 'target to show')
    .addHelpText('after', examples('targets', 'targets 10.0.0.2', 'targets 10.0.0.2 --json'))
    .action((host: string | undefined, _options: object, command: Command) =>
      run(command, (context) => (host === undefined ? listTargets(context) : showTarget(context, host))),
    );
}

const COLUMNS: readonly Column[] = [
  { title: 'HOST', shrinksTo: 12 },
  { title: 'STATUS' },
  { title: 'LABEL', shrinksTo: 8, dispensable: 2 },
  { title: 'AGENT' },
  { title: 'SYSTEM', shrinksTo: 12, dispensable: 4 },
  { title: 'CPU', shrinksTo: 12, dispensable: 3 },
  { title: 'RAM', align: 'right' },
  { title: 'SEEN', align: 'right' },
  { title: 'NOTE', shrinksTo: 10, dispensable: 5 },
];

/** Runs `booner targets`. JSON: the response of `GET /targets`. */
function listTargets(context: Context): Promise<undefined> {
  return withHub(context, async (client) => {
    const targets = await client.listTargets();
    const { terminal, isJson } = context;
    if (isJson) return void terminal.printJson({ targets });
    if (targets.length === 0)
      return void terminal.note('No targets yet. Run `booner target add HOST` to add one.');
    const nowMs = Date.now();
    const rows = targets.map((target) => [
      safeText(target.host),
      statusMark(target.status, terminal),
      safeText(target.label ?? ''),
      safeText(target.inventory?.agentVersion ?? ''),
      safeText(target.inventory?.os.name ?? target.inventory?.os.platform ?? ''),
      cpuText(target),
      bytesText(target.inventory?.memoryTotalBytes ?? null),
      ageText(target.lastSeenAtMs, nowMs),
      noteOf(target),
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
      ['note', noteOf(target)],
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
