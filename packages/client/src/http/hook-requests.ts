import type { HookList, NewHook, SavedHook, ShownHook } from '@booner/protocol';
import type { Rest } from './rest.ts';
import { badAnswer, type RequestOptions } from './task-requests.ts';

/** Each rejects with `BoonerError`, or with the signal's reason. */
export type HookRequests = {
  /** Lists hooks by name, each with its last delivery alone. */
  listHooks(options?: RequestOptions): Promise<HookList>;
  readHook(name: string, options?: RequestOptions): Promise<ShownHook>;
  /**
   * Creates a hook, or replaces it, which also resumes it. Each delivery has the rights of the
   * credential that saved it last. URL and secret are `null` unless they are new. Operators only.
   * @param options.keepKey keeps URL and secret of a hook that another credential has saved
   */
  saveHook(
    name: string,
    hook: NewHook,
    options?: RequestOptions & { readonly keepKey?: boolean },
  ): Promise<SavedHook>;
  /** Replaces URL and secret. The old ones are invalid at once. Operators only. */
  rotateHook(name: string, options?: RequestOptions): Promise<SavedHook>;
  /** Rollouts that it has started continue. Operators only. */
  removeHook(name: string, options?: RequestOptions): Promise<void>;
  /** Operators only. */
  pauseHook(name: string, options?: RequestOptions): Promise<ShownHook>;
  /** Operators only. */
  resumeHook(name: string, options?: RequestOptions): Promise<ShownHook>;
};

/** The hub looks at the actions of each host, of which there may be thousands. */
const SAVE_TIMEOUT_MS = 30_000;

export function createHookRequests(rest: Rest): HookRequests {
  const steer =
    (direction: string) =>
    async (name: string, { signal }: RequestOptions = {}) =>
      parseHook(await rest({ method: 'POST', path: `${pathOf(name)}/${direction}`, signal }));
  return {
    async listHooks({ signal } = {}) {
      const list = (await rest({ path: 'hooks', signal })) as HookList | null;
      if (!Array.isArray(list?.hooks)) throw badAnswer();
      return list;
    },
    async readHook(name, { signal } = {}) {
      return parseHook(await rest({ path: pathOf(name), signal }));
    },
    async saveHook(name, body, { signal, keepKey = false } = {}) {
      const path = `${pathOf(name)}${keepKey ? '?keepKey=true' : ''}`;
      const request = { method: 'PUT', path, timeoutMs: SAVE_TIMEOUT_MS } as const;
      return parseSaved(await rest({ ...request, body, signal }));
    },
    async rotateHook(name, { signal } = {}) {
      return parseSaved(await rest({ method: 'POST', path: `${pathOf(name)}/rotate`, signal }));
    },
    async removeHook(name, { signal } = {}) {
      await rest({ method: 'DELETE', path: pathOf(name), signal });
    },
    pauseHook: steer('pause'),
    resumeHook: steer('resume'),
  };
}

const pathOf = (name: string): string => `hooks/${encodeURIComponent(name)}`;

function parseHook(answer: unknown): ShownHook {
  const hook = answer as ShownHook | null;
  if (typeof hook?.name !== 'string' || !Array.isArray(hook.deliveries)) throw badAnswer();
  return hook;
}

function parseSaved(answer: unknown): SavedHook {
  const saved = parseHook(answer) as SavedHook;
  if (saved.url === undefined || saved.secret === undefined) throw badAnswer();
  return saved;
}
