import {
  addedTargetSchema,
  enrolRequestSchema,
  newTargetSchema,
  removedTargetSchema,
  shownIdentitySchema,
} from '@booner/protocol';
import { z } from '@hono/zod-openapi';

// Schemas are made here, after @hono/zod-openapi taught zod to name them.
const host = z.string().openapi({ description: 'IP address or host name', example: '10.0.0.2' });
const key = z.string().openapi({ example: `bne_${'0'.repeat(43)}`, description: 'Good for one host, once' });

export const newTargetBody = newTargetSchema.extend({ host }).openapi('NewTarget');
export const addedTargetBody = addedTargetSchema.extend({ host, key }).openapi('AddedTarget');
export const removedTargetBody = removedTargetSchema.extend({ host }).openapi('RemovedTarget');
export const shownIdentityBody = shownIdentitySchema.extend({ host }).openapi('HostIdentity');
export const enrolBody = enrolRequestSchema.extend({ key }).openapi('Enrol');

const user = z.object({ username: z.string(), password: z.string() });
export const hostCredentialsBody = z
  .object({
    host,
    label: z.string().nullable(),
    hubVersion: z.string(),
    redis: z.object({
      url: z.string(),
      ca: z
        .string()
        .nullable()
        .openapi({ description: 'Of the authority that signed its certificate, in PEM' }),
      users: z.object({ agent: user.optional(), runner: user.optional() }),
    }),
  })
  .openapi('HostCredentials');
