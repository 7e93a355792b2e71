import {
  accessSelectorSchema,
  secretHostsSchema,
  secretKeysSchema,
  secretListSchema,
  secretNameSchema,
  secretPutSchema,
} from '@booner/protocol';
import { MAX_SECRET_TARGETS_OF_REQUEST } from '@booner/protocol/limits';
import { SECRET_NAME } from '@booner/protocol/secret-value';
import { z } from '@hono/zod-openapi';
import { hostSchema } from '../fleet/host-path.ts';
import { SELECTOR_FORMAT } from '../http/shown-values.ts';

const host = { host: hostSchema };

/** Body of `PUT /secrets/:name`. */
export const secretPutBody = secretPutSchema
  .extend({
    targets: z
      .array(secretPutSchema.shape.targets.element.extend(host))
      .min(1)
      .max(MAX_SECRET_TARGETS_OF_REQUEST),
  })
  .openapi('SealedSecret');

/** Answer of requests that change a secret of some hosts. */
export const secretHostsBody = secretHostsSchema
  .extend({ hosts: z.array(hostSchema) })
  .openapi('SecretHosts');

const listed = secretListSchema.shape.secrets.element;
export const secretListBody = z
  .object({
    secrets: z.array(
      listed.extend({ targets: z.array(listed.shape.targets.element.extend(host)) }).openapi('Secret'),
    ),
  })
  .openapi('Secrets');

export const secretKeysBody = secretKeysSchema
  .extend({ targets: z.array(secretKeysSchema.shape.targets.element.extend(host)) })
  .openapi('SecretKeys');

/** Parameters of paths with `{name}` of a secret. */
export const secretNameParams = z.object({
  name: z.string().openapi({ example: 'deploy-token', pattern: SECRET_NAME.source }),
});

/** Parses the name of a path; `null`: no secret can have it. */
export const parseSecretName = (text: string | undefined): string | null =>
  secretNameSchema.safeParse(text).data ?? null;

const selectorSchema = accessSelectorSchema.meta({
  ...{ type: 'string', format: SELECTOR_FORMAT, example: 'role=web,env=prod' },
  description: 'Targets, by labels of operators and host alone. An empty one selects nothing.',
});
export const selectorQuery = z.object({ selector: selectorSchema });
export const optionalSelectorQuery = z.object({ selector: selectorSchema.optional() });
