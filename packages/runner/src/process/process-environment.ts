import { dirname } from 'node:path';
import type { TaskId } from '@booner/protocol';
import type { Account } from '../accounts/account.ts';

/** Marks every process of a task, so that those that left the process group are found. */
export const TASK_ID_VARIABLE = 'BOONER_TASK_ID';

const PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

/**
 * Builds the environment of a process. It contains nothing of the runner's own, which may hold the
 * address and password of the bus.
 */
export const processEnvironment = (
  { name, home, shell }: Account,
  added: Readonly<Record<string, string>>,
  { taskId, resultFile }: { readonly taskId: TaskId; readonly resultFile: string },
): Record<string, string> => ({
  PATH,
  HOME: home,
  USER: name,
  LOGNAME: name,
  SHELL: shell,
  LANG: 'C.UTF-8',
  ...added,
  [TASK_ID_VARIABLE]: taskId,
  BOONER_RESULT_FILE: resultFile,
  BOONER_RUN_DIR: dirname(resultFile),
});
