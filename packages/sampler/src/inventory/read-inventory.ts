import { spawn } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { arch, hostname, platform, release, totalmem } from 'node:os';
import { extname, join } from 'node:path';
import type { Inventory, Labels } from '@booner/protocol';
import type { CollectedInventory } from './collect-inventory.ts';
import { type CpuFacts, cpuFactsOfRuntime, parseCpuInfo } from './cpu-facts.ts';
import { listLinuxGpus } from './inventory-gpus.ts';
import { readBootId, readDistribution } from './linux-facts.ts';

export type ReadInventoryOptions = {
  /** Operator's words for the host. */
  readonly label: string | null;
  /** Operator's labels for the host, for selectors. */
  readonly labels: Labels;
  readonly agentVersion: string;
  /** Mount point of the host's root, for an agent in a container. */
  readonly hostRoot?: string | undefined;
  readonly signal: AbortSignal;
  /** Receives the reason when the collector failed and the result is less complete. */
  readonly onFallback?: (reason: string) => void;
  /** Arguments of Node.js that run the collector; see {@link defaultCollector}. */
  readonly collector?: readonly string[];
  /** Default 20 s. */
  readonly deadlineMs?: number;
};

const linux = platform() === 'linux';
const MAX_OUTPUT_LENGTH = 1024 * 1024;
const MAX_REASON_LENGTH = 500;

/**
 * Path of the collector's code: a file `collect-main` beside this one with the same extension
 * (`.ts` from source, `.js` if the daemon was bundled with the collector as a second entry). A
 * daemon bundled as a single file passes `collector` instead: its own path and an argument that
 * makes it call `collectInventory` and print the result.
 */
function defaultCollector(): string[] {
  return [join(import.meta.dirname, `collect-main${extname(import.meta.filename)}`)];
}

/**
 * Collects what rarely changes about this machine in a separate process, so that the daemon never
 * loads systeminformation. If that fails or takes too long, returns what Node.js and the kernel's
 * files provide and calls `onFallback` with the reason. Rejects only with the signal's reason.
 */
export async function readInventory(options: ReadInventoryOptions): Promise<Inventory> {
  const { label, labels, agentVersion, signal, onFallback } = options;
  const collected = await runCollector(options).catch(async (error: unknown) => {
    signal.throwIfAborted();
    onFallback?.(error instanceof Error ? error.message : String(error));
    return collectWithoutHelp(linux ? await listLinuxGpus() : []);
  });
  return { ...collected, label, labels, agentVersion };
}

/**
 * Reads the part of the inventory that needs no other process: all but GPUs and virtualization.
 * Takes milliseconds.
 */
export async function readBriefInventory({
  label,
  labels,
  agentVersion,
}: Pick<ReadInventoryOptions, 'label' | 'labels' | 'agentVersion'>): Promise<Inventory> {
  return { ...(await collectWithoutHelp([])), label, labels, agentVersion };
}

function runCollector({
  signal,
  hostRoot,
  collector = defaultCollector(),
  deadlineMs = 20_000,
}: ReadInventoryOptions): Promise<CollectedInventory> {
  return new Promise((resolve, reject) => {
    signal.throwIfAborted();
    // A group of its own, so that tools that it started and that hang end with it.
    const grouped = platform() !== 'win32';
    const args = hostRoot === undefined ? collector : [...collector, hostRoot];
    const child = spawn(process.execPath, args, {
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: grouped,
      windowsHide: true,
    });
    let output = '';
    let complaint = '';
    const unwatch = () => {
      clearTimeout(deadline);
      signal.removeEventListener('abort', onAbort);
    };
    const giveUp = (reason: unknown) => {
      unwatch();
      killGroup(child.pid, grouped);
      reject(reason);
    };
    const fail = (reason: string) => giveUp(new Error(reason));
    const deadline = setTimeout(() => fail(`the collector took longer than ${deadlineMs} ms`), deadlineMs);
    const onAbort = () => giveUp(signal.reason);
    signal.addEventListener('abort', onAbort);

    child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
      output += chunk;
      if (output.length > MAX_OUTPUT_LENGTH) fail('the collector printed more than 1 MiB');
    });
    child.stderr.setEncoding('utf8').on('data', (chunk: string) => {
      complaint = (complaint + chunk).slice(0, 8 * MAX_REASON_LENGTH);
    });
    child.once('error', (error) => fail(`the collector could not be started: ${error.message}`));
    child.once('close', (code, killedBy) => {
      if (code !== 0) return fail(describeFailure(code, killedBy, complaint));
      unwatch();
      try {
        resolve(parseCollected(output));
      } catch (error) {
        reject(new Error('the collector printed no inventory', { cause: error }));
      }
    });
  });
}

/** Ends whatever is left of the collector and what it started. Gone already is well. */
function killGroup(pid: number | undefined, grouped: boolean): void {
  if (pid === undefined) return;
  try {
    process.kill(grouped ? -pid : pid, 'SIGKILL');
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) throw error;
  }
}

function describeFailure(code: number | null, killedBy: string | null, complaint: string): string {
  const words = /^\w*Error\b.*$/m.exec(complaint)?.[0] ?? complaint.trim().split('\n')[0] ?? '';
  const end = killedBy === null ? `exit code ${code}` : killedBy;
  return `the collector ended (${end})${words === '' ? '' : `: ${words}`}`.slice(0, MAX_REASON_LENGTH);
}

/**
 * Only checks that this is the collector's document; the collector has validated it against the
 * schema.
 */
function parseCollected(output: string): CollectedInventory {
  const document: unknown = JSON.parse(output);
  if (
    typeof document !== 'object' ||
    document === null ||
    !('takenAtMs' in document) ||
    !('os' in document)
  ) {
    throw new Error('not an inventory');
  }
  return document as CollectedInventory;
}

async function collectWithoutHelp(gpus: Inventory['gpus']): Promise<CollectedInventory> {
  return {
    takenAtMs: Date.now(),
    hostname: hostname() || null,
    bootId: linux ? await readBootId() : null,
    cpu: await readCpuInfo(),
    memoryTotalBytes: totalmem() || null,
    gpus,
    os: {
      platform: platform(),
      name: linux ? await readDistribution() : null,
      kernel: release() || null,
      architecture: arch(),
    },
    virtualization: null,
  };
}

/** By /proc/cpuinfo where there is one, else by Node.js. */
async function readCpuInfo(): Promise<CpuFacts | null> {
  const text = await readFile('/proc/cpuinfo', 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.syscall === undefined) throw error;
    return '';
  });
  return parseCpuInfo(text) ?? cpuFactsOfRuntime();
}
