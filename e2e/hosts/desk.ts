import { run } from './command.ts';
import { HUB_HOST } from './network.ts';
import type { RealFleet } from './real-fleet.ts';

const LATEST_MS = 20_000;

type Answer = { readonly status: number; readonly body: unknown };

/** A desk on the fleet's network, from which a person sends HTTP requests to the hub. */
export type Desk = {
  ask(method: string, path: string, body?: unknown): Promise<Answer>;
  /** Returns the body of a successful answer. Throws for any other. */
  get<T>(path: string): Promise<T>;
  post<T>(path: string, body: unknown): Promise<T>;
};

/** @param token of the desk's owner; `null` if the hub requires no sign-in */
export function openDesk(fleet: RealFleet, hubUrl: string, token: string | null): Desk {
  const ask: Desk['ask'] = async (method, path, body) => {
    const options = [
      ...['silent', 'show-error', `request = ${method}`, `url = "${hubUrl}${path}"`],
      ...[
        `max-time = ${LATEST_MS / 1000}`,
        'write-out = "\\n%{http_code}"',
        'header = "Accept: application/json"',
      ],
      ...(token === null ? [] : [`header = "Authorization: Bearer ${token}"`]),
      ...(body === undefined ? [] : ['header = "Content-Type: application/json"']),
      ...(body === undefined ? [] : [`data = ${JSON.stringify(JSON.stringify(body))}`]),
    ];
    const output = await run(fleet.onNetworkOf(HUB_HOST, ['curl', '--config', '-']), {
      input: options.join('\n'),
    });
    const end = output.lastIndexOf('\n');
    const text = output.slice(0, end);
    return { status: Number(output.slice(end)), body: text === '' ? null : JSON.parse(text) };
  };
  const succeed = async <T>(method: string, path: string, body?: unknown) => {
    const answer = await ask(method, path, body);
    if (answer.status >= 200 && answer.status < 300) return answer.body as T;
    throw new Error(`${method} ${path}: ${answer.status} ${JSON.stringify(answer.body)}`);
  };
  return {
    ask,
    get: <T>(path: string) => succeed<T>('GET', path),
    post: <T>(path: string, body: unknown) => succeed<T>('POST', path, body),
  };
}
