'use client';

export { BoonerProvider, type BoonerProviderProps, useBoonerClient } from './booner-provider.ts';
export type { Transport } from './delivery.ts';
export { type AlertsView, useAlerts } from './use-alerts.ts';
export { type Connection, useConnection } from './use-connection.ts';
export { type SystemStatusView, useSystemStatus } from './use-system-status.ts';
export { useTarget } from './use-target.ts';
export { type TargetsView, useTargets } from './use-targets.ts';
export { useTask } from './use-task.ts';
export { useTaskLog } from './use-task-log.ts';
export { type TaskUpdatesView, useTaskUpdates } from './use-task-updates.ts';
