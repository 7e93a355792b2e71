import { type AlertRule, alertRuleBodySchema, namedHosts, ruleListSchema } from '@booner/protocol';
import type { Context } from 'hono';
import { invalidRequest } from '../http/json-body.ts';
import { problem } from '../http/problem.ts';
import type { Routes } from '../http/route.ts';
import { type SettingRoutesDeps, serveSettings } from './settings/serve-settings.ts';
import { namedIn, unlessKnown } from './settings/unknown-names.ts';

const listedBody = ruleListSchema.shape.rules.element.extend({}).openapi('AlertRule');
const listBody = ruleListSchema.extend({ rules: listedBody.array() }).openapi('AlertRules');
const ruleBody = alertRuleBodySchema.meta({}).openapi('NewAlertRule', {
  example: {
    selector: 'role=db',
    when: { metric: 'memoryUsageRatio', function: 'avg', over: '5m' },
    warn: { on: 0.8, off: 0.75 },
    crit: { on: 0.95, off: 0.9 },
    for: '1m',
  },
});

/** The alert rules: those of Booner, of files, and those that people set. */
export function ruleRoutes(deps: SettingRoutesDeps): Routes {
  const { settings } = deps;
  const rules = serveSettings(deps, {
    kind: 'rules',
    role: 'admin',
    all: () =>
      settings.rules().map((listed) => ({
        name: listed.rule.name,
        reach: namedHosts(listed.rule.selector),
        listed,
      })),
  });
  return [
    rules.list(listBody, (all) => ({
      rules: all.map(({ listed }) => listed),
      issues: settings.fileIssues,
    })),

    rules.show(listedBody, ({ listed }) => listed),

    rules.put({
      description:
        'Creates a rule or replaces it. With the name of a rule of Booner, it replaces that one until you remove it.',
      body: ruleBody,
      saved: listedBody,
      errors: { 409: 'The rule is in a file, or there are too many rules' },
      reachOf: ({ selector }) => namedHosts(selector),
      reachPointer: '/selector',
      async prepare(c, { name, body, before }) {
        if (body.name !== undefined && body.name !== name) {
          const detail = `must be absent, or ${name} as in the path`;
          return invalidRequest(c, 400, 'Invalid request body', [{ pointer: '/name', detail }]);
        }
        const file = before?.listed.file ?? null;
        if (file !== null) return inFile(c, name, file, 'Change');
        const channels = [
          ...namedIn('/channels', body.channels),
          ...body.escalate.flatMap((step, index) => namedIn(`/escalate/${index}/channels`, step.channels)),
        ];
        const unknown = await unlessKnown(c, { settings, kind: 'channels' }, channels);
        if (unknown !== null) return unknown;
        const rule: AlertRule = { ...body, name };
        return { value: { ...rule }, answer: () => settings.rule(name)! };
      },
    }),

    rules.remove(
      {
        description: 'A rule of Booner that was replaced is as before. Alerts of a removed rule end.',
        conflict: 'It is a rule of Booner, or of a file',
      },
      (c, { name, listed: { source, file } }) => {
        if (file !== null) return inFile(c, name, file, 'Remove');
        return source === 'stock' ? ofBooner(c, name) : null;
      },
    ),
  ];
}

const ofBooner = (c: Context, name: string): Response =>
  problem(
    c,
    409,
    'Rule of Booner',
    `${name} is part of Booner and cannot be removed. To turn it off, PUT it with "enabled": false.`,
  );

const inFile = (c: Context, name: string, file: string, what: string): Response =>
  problem(c, 409, 'Rule of a file', `${name} is a rule of the file ${file}. ${what} it there.`);
