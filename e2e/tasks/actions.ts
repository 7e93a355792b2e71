import type { TestAction } from './task-bed.ts';

/** An action that is a shell script of the test's own; `$1` and so on are the arguments. */
export const shell = (script: string, ...args: readonly string[]): TestAction => ({
  command: ['sh', '-c', script, 'sh', ...args],
});

/**
 * Notes its start in the file `starts` of a folder, prints `running`, and runs until the file `go`
 * exists.
 */
export const waiting = (directory: string, more: TestAction = {}): TestAction => ({
  ...shell(
    'echo "$BOONER_TASK_ID" >> "$1/starts"; echo running; while [ ! -e "$1/go" ]; do sleep 0.05; done; echo done',
    directory,
  ),
  ...more,
});
