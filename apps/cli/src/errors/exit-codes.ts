/** What the process ends with. `run --follow` ends with the exit code of the task's own program where that is known. */
export const EXIT = {
  ok: 0,
  /** The task failed or was cancelled, or the answer is no. */
  failed: 1,
  /** The command line or the configuration is wrong. */
  usage: 2,
  unreachable: 3,
  /** No token, or one that is over or allows too little. */
  refused: 4,
  notFound: 5,
  /** `doctor` found faults. */
  faults: 6,
  interrupted: 130,
} as const;
