/**
 * Exit codes of this program. `run --follow` and `logs --follow` exit with the code of the task's
 * program instead, if it is known.
 */
export const EXIT = {
  ok: 0,
  /** The task failed or was cancelled, or the hub refused the request, as for a conflict. */
  failed: 1,
  /** The command line or the configuration is invalid. */
  usage: 2,
  unreachable: 3,
  /** The token is missing, expired, or lacks a permission. */
  refused: 4,
  notFound: 5,
  /** `doctor` found problems. */
  problems: 6,
  interrupted: 130,
} as const;
