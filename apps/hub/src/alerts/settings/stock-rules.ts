import type { AlertRuleInput } from '@booner/protocol';

/**
 * Rules that are on from the first start. They are quiet: a normal week on 40 hosts fires none. The
 * hub declares a host offline after three of its intervals, about 10 s, to which `for` adds.
 */
export const STOCK_RULES: readonly AlertRuleInput[] = [
  {
    name: 'host-offline',
    selector: '*',
    when: { state: 'offline' },
    severity: 'crit',
    for: '50s',
    keepFor: '30s',
    repeat: '12h',
  },
  {
    name: 'disk-usage',
    selector: '*',
    when: { metric: 'fileSystemUsageRatio', function: 'last', over: '2m' },
    warn: { on: 0.9, off: 0.87 },
    crit: { on: 0.97, off: 0.95 },
    for: '5m',
    keepFor: '5m',
  },
  {
    // A nightly backup that writes for two hours is no trend.
    name: 'disk-full-soon',
    selector: '*',
    when: { metric: 'fileSystemUsageRatio', function: 'full_in', over: '6h' },
    warn: { on: '24h', off: '36h' },
    for: '3h',
    keepFor: '1h',
  },
  {
    name: 'inodes',
    selector: '*',
    when: { metric: 'fileSystemInodesUsageRatio', function: 'last', over: '2m' },
    warn: { on: 0.9, off: 0.87 },
    crit: { on: 0.97, off: 0.95 },
    for: '5m',
    keepFor: '5m',
  },
  {
    name: 'memory-available',
    selector: '*',
    when: { metric: 'memoryAvailableRatio', function: 'avg', over: '5m' },
    warn: { on: 0.05, off: 0.08 },
    crit: { on: 0.02, off: 0.04 },
    for: '5m',
    keepFor: '5m',
  },
  {
    // All processes waited for memory this share of the time: the host is thrashing.
    name: 'memory-pressure',
    selector: '*',
    when: { metric: 'memoryFullPressureRatio', function: 'avg', over: '5m' },
    warn: { on: 0.1, off: 0.05 },
    for: '5m',
    keepFor: '10m',
  },
  {
    name: 'clock-skew',
    selector: '*',
    when: { state: 'clock_skew' },
    severity: 'warn',
    for: '10m',
    keepFor: '10m',
  },
  { name: 'task-failed', selector: '*', when: { state: 'task_failed' }, severity: 'warn' },
  { name: 'task-slow', selector: '*', when: { state: 'task_slow' }, severity: 'warn' },
  { name: 'rollout-failed', selector: '*', when: { state: 'rollout_failed' }, severity: 'crit' },
  { name: 'rollout-approval', selector: '*', when: { state: 'rollout_approval' }, severity: 'warn' },
  {
    // Whoever pauses a rollout goes on with it soon, or has forgotten it.
    name: 'rollout-paused',
    selector: '*',
    when: { state: 'rollout_paused' },
    severity: 'warn',
    for: '1h',
  },
  { name: 'schedule-missed', selector: '*', when: { state: 'schedule_missed' }, severity: 'crit' },
  { name: 'schedule-slow', selector: '*', when: { state: 'schedule_slow' }, severity: 'warn' },
  { name: 'heartbeat-missed', selector: '*', when: { state: 'heartbeat_missed' }, severity: 'crit' },
  {
    // Agents are updated after the hub, in batches.
    name: 'agent-outdated',
    selector: '*',
    when: { state: 'agent_outdated' },
    severity: 'warn',
    for: '24h',
  },
];
