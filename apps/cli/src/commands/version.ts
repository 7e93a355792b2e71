import type { Context } from '../runtime/context.ts';
import { withHub } from '../runtime/with-hub.ts';

/** `booner version`. JSON: `{cli, hub, node}`; `hub` is `null` when it does not say. */
export async function showVersion(context: Context, version: string): Promise<undefined> {
  const { terminal, isJson } = context;
  const hub = await withHub(context, async (client) => (await client.readAccess()).version ?? null).catch(
    () => null,
  );
  if (isJson) return void terminal.printJson({ cli: version, hub, node: process.versions.node });
  terminal.print(`booner ${version}`, `hub    ${hub ?? 'unknown'}`, `node   ${process.versions.node}`);
}
