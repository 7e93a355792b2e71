import { eventually } from '@booner/testkit';
import type { HubUnderTest } from '../processes/hub-process.ts';

type Hub = Pick<HubUnderTest, 'port'>;

/** Sends a request with a JSON body. @throws Error with the answer unless it succeeds */
async function request(hub: Hub, method: string, path: string, body?: object): Promise<unknown> {
  const response = await fetch(`http://127.0.0.1:${hub.port}${path}`, {
    method,
    ...(body && { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }),
  });
  const text = await response.text();
  if (!response.ok) throw new Error(`${method} ${path} was answered by ${response.status}: ${text}`);
  return text === '' ? null : JSON.parse(text);
}

/** Replaces every rule of a hub. */
export async function setRules(hub: Hub, rules: Readonly<Record<string, object>>): Promise<void> {
  type Listed = { readonly rules: readonly { readonly rule: { readonly name: string } }[] };
  const list = () => request(hub, 'GET', '/alert-rules') as Promise<Listed>;
  const { rules: listed } = await eventually(list, { what: 'the rules of the hub' });
  for (const { rule } of listed)
    await request(hub, 'PUT', `/alert-rules/${rule.name}`, { ...rule, enabled: false });
  for (const [name, rule] of Object.entries(rules)) await request(hub, 'PUT', `/alert-rules/${name}`, rule);
}

/** Sends all notifications to a server on this machine, of a type that gets no digests. */
export const setReceiver = (hub: Hub, server: string): Promise<unknown> =>
  request(hub, 'PUT', '/alert-channels/bench', { type: 'alertmanager', server, allowPrivate: true });
