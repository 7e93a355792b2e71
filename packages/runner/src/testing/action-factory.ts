import type { Action } from '../catalogue/action.ts';

/** Returns an action that prints nothing and completes, with `change` applied. */
export const makeAction = (change: Partial<Action> = {}): Action => ({
  name: 'probe',
  description: '',
  command: ['true'],
  steps: [],
  check: null,
  parameters: [],
  secrets: [],
  artefacts: [],
  timeoutSeconds: 60,
  concurrency: 1,
  lock: null,
  cwd: null,
  env: {},
  user: null,
  confinement: {
    sandbox: 'standard',
    network: false,
    writablePaths: [],
    memoryMax: null,
    cpuQuota: null,
  },
  role: 'operator',
  schedulable: false,
  approval: null,
  checkable: false,
  idempotent: false,
  onStop: 'finish',
  file: '/etc/booner/actions.d/probe.yaml',
  ...change,
});
