import {
  addedTargetSchema,
  ENROLMENT_PREFIX,
  enrolledHostSchema,
  enrolRequestSchema,
  identitiesSchema,
  newTargetSchema,
  releasedTargetSchema,
  removedTargetSchema,
  rotatedTargetSchema,
  shownIdentitySchema,
} from '@booner/protocol';
import { z } from '@hono/zod-openapi';
import { hostSchema as host } from '../fleet/host-path.ts';
import { SOME_INK_PATTERN, shownSecret } from '../http/shown-values.ts';

const shownKey = { ...shownSecret(ENROLMENT_PREFIX), description: 'Enrols one host, once' };
const key = z.string().openapi(shownKey);

export const newTargetBody = newTargetSchema
  .extend({ host, label: newTargetSchema.shape.label.meta({ pattern: SOME_INK_PATTERN }) })
  .openapi('NewTarget');
export const addedTargetBody = addedTargetSchema.extend({ host, key }).openapi('AddedTarget');
export const removedTargetBody = removedTargetSchema.extend({ host }).openapi('RemovedTarget');
export const releasedTargetBody = releasedTargetSchema.extend({ host }).openapi('ReleasedTarget');
export const rotatedTargetBody = rotatedTargetSchema.extend({ host }).openapi('RotatedTarget');
export const identitiesBody = identitiesSchema
  .extend({ identities: z.array(enrolledHostSchema.extend({ host })) })
  .openapi('HostIdentities');
export const shownIdentityBody = shownIdentitySchema.extend({ host }).openapi('HostIdentity');
export const enrolBody = enrolRequestSchema
  .extend({ key: enrolRequestSchema.shape.key.meta(shownKey) })
  .openapi('Enrol');

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
        .openapi({ description: 'Certificate of the authority that signed the one of Redis, in PEM' }),
      users: z.object({ agent: user.optional(), runner: user.optional() }),
    }),
  })
  .openapi('HostCredentials');
