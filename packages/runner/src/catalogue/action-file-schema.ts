import { isAbsolute, normalize } from 'node:path';
import {
  actionApprovalSchema,
  actionNameSchema,
  actionRoleSchema,
  artefactPatternsSchema,
  MAX_STEPS,
  parameterSchema,
  secretNamesSchema,
  stepNameSchema,
} from '@booner/protocol';
import { z } from 'zod';
import { retrySchema } from './retry.ts';

/** Longest time limit of an action: a week. */
const MAX_TIMEOUT_SECONDS = 7 * 24 * 3600;

const argumentSchema = z.string().max(32_768).refine(hasNoNul, 'must not contain a NUL');
const commandSchema = z.array(argumentSchema).min(1).max(1000);
const timeoutSchema = z.int().min(1).max(MAX_TIMEOUT_SECONDS);

const stepSchema = z.strictObject({
  name: stepNameSchema,
  command: commandSchema,
  timeoutSeconds: timeoutSchema.optional(),
  retry: retrySchema.optional(),
  continueOnError: z.boolean().default(false),
  always: z.boolean().default(false),
});

/** Characters that systemd would not take as a part of the path are excluded. */
const writablePathSchema = z
  .string()
  .max(4096)
  .refine(isAbsolute, 'must be an absolute path')
  .refine((path) => path !== '/' && normalize(path) === path, 'must be a path below /, without . and ..')
  .regex(/^[^\p{Cc}"'\\]*$/u, 'must not contain quotes, backslashes or control characters');

/**
 * Validates each key of a `*.yaml` file; `findActionIssues` validates how the keys fit together.
 */
export const actionFileSchema = z.strictObject({
  name: actionNameSchema,
  description: z.string().max(2000).default(''),
  command: commandSchema.optional(),
  steps: z.array(stepSchema).min(1).max(MAX_STEPS).optional(),
  check: commandSchema.optional(),
  parameters: z.array(parameterSchema).max(50).default([]),
  secrets: secretNamesSchema.default([]),
  artefacts: artefactPatternsSchema.default([]),
  timeoutSeconds: timeoutSchema.default(900),
  concurrency: z.int().min(1).max(1000).optional(),
  lock: actionNameSchema.optional(),
  cwd: z
    .string()
    .refine(hasNoNul, 'must not contain a NUL')
    .refine(isAbsolute, 'must be an absolute path')
    .optional(),
  env: z
    .record(
      z
        .string()
        .regex(/^[A-Za-z_]\w*$/, 'must contain only letters, digits and "_", and not start with a digit')
        .refine(
          (name) => !name.startsWith('BOONER_'),
          'names that start with BOONER_ are reserved for the runner',
        ),
      z.string().max(32_768).refine(hasNoNul, 'must not contain a NUL'),
    )
    .default({}),
  user: z
    .string()
    .regex(/^[A-Za-z_][\w.-]{0,63}\$?$/, 'must be the name of an account')
    .optional(),
  sandbox: z.enum(['strict', 'standard', 'none']).default('standard'),
  network: z.boolean().optional(),
  writablePaths: z.array(writablePathSchema).min(1).max(50).optional(),
  memoryMax: z
    .string()
    .regex(/^[1-9]\d{0,5}[MGT]$/, 'must be a size such as 512M or 2G')
    .optional(),
  cpuQuota: z
    .string()
    .regex(/^[1-9]\d{0,4}%$/, 'must be a share of one processor, such as 50% or 200%')
    .optional(),
  role: actionRoleSchema.default('operator'),
  schedulable: z.boolean().default(false),
  approval: actionApprovalSchema.optional(),
  idempotent: z.boolean().default(false),
  retry: retrySchema.optional(),
  onStop: z.enum(['finish', 'fail']).default('finish'),
});
export type ActionFile = z.infer<typeof actionFileSchema>;

function hasNoNul(text: string): boolean {
  return !text.includes('\0');
}
