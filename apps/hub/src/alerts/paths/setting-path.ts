import { type AlertSettingKind, alertNameSchema } from '@booner/protocol';
import { z } from '@hono/zod-openapi';
import type { Context } from 'hono';
import { invalidRequest } from '../../http/json-body.ts';
import { problem } from '../../http/problem.ts';

/** The settings of a kind as people, paths and the audit log name them. */
export type SettingNames = {
  readonly path: string;
  readonly one: string;
  readonly many: string;
  /** Verbs of the audit log are this with `.set` and `.remove`. */
  readonly verb: string;
};

export const SETTING_NAMES: Readonly<Record<AlertSettingKind, SettingNames>> = {
  rules: { path: '/alert-rules', one: 'alert rule', many: 'alert rules', verb: 'alert_rule' },
  channels: { path: '/alert-channels', one: 'alert channel', many: 'alert channels', verb: 'alert_channel' },
  silences: { path: '/silences', one: 'silence', many: 'silences', verb: 'silence' },
  quietHours: { path: '/quiet-hours', one: 'quiet hours', many: 'quiet hours', verb: 'quiet_hours' },
  heartbeats: { path: '/heartbeats', one: 'heartbeat', many: 'heartbeats', verb: 'heartbeat' },
};

/** Parameters of paths with `{name}` of a setting; {@link nameFromPath} parses them. */
export const nameParams = z.object({ name: alertNameSchema.meta({ example: 'disk-full' }) });

/** Parses the name in a path. @returns the answer to an invalid one instead: 400 */
export function nameFromPath(c: Context): string | Response {
  const parsed = alertNameSchema.safeParse(c.req.param('name'));
  if (parsed.success) return parsed.data;
  const detail = parsed.error.issues[0]!.message;
  return invalidRequest(c, 400, 'Invalid name', [{ pointer: '/name', detail }]);
}

/** The answer when a setting does not exist: 404. */
export function noSuchSetting(c: Context, kind: AlertSettingKind): Response {
  const { one, path, many } = SETTING_NAMES[kind];
  const [it, has] = kind === 'silences' ? ['id', 'It may have ended. '] : ['name', ''];
  return problem(
    c,
    404,
    `No such ${one}`,
    `There is no ${one} with this ${it}. ${has}GET ${path} lists the ${many}.`,
  );
}
