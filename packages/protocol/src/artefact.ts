import { z } from 'zod';
import { isArtefactName } from './artefact-name.ts';
import {
  MAX_ARTEFACT_NAME_CHARACTERS,
  MAX_ARTEFACT_PATTERNS,
  MAX_ARTEFACTS,
  MAX_ARTEFACTS_BYTES,
} from './limits.ts';

/** With `*`, which stands for any part of one name. */
const PATTERN = /^[A-Za-z0-9_@+=*-][A-Za-z0-9._@+=*-]*(?:\/[A-Za-z0-9_@+=*-][A-Za-z0-9._@+=*-]*)*$/;

/** Name of an artefact: its path below the directory of the run, such as `out/report.json`. */
export const artefactNameSchema = z
  .string()
  .max(MAX_ARTEFACT_NAME_CHARACTERS)
  .refine(isArtefactName, 'must be a path below the directory of the run, without hidden files and ..');

/** Artefacts that an action declares: names, in which `*` stands for any part of a name. */
export const artefactPatternsSchema = z
  .array(
    z
      .string()
      .max(MAX_ARTEFACT_NAME_CHARACTERS)
      .regex(PATTERN, 'must be a path such as out/*.log, below the directory of the run, without ..')
      // Matching takes the length of a name to the power of this.
      .refine((pattern) => !/\*[^/]*\*[^/]*\*/.test(pattern), 'must not have more than 2 * in one name'),
  )
  .max(MAX_ARTEFACT_PATTERNS);

/** A file that a task left. */
export const artefactSchema = z.object({
  name: artefactNameSchema,
  bytes: z.int().nonnegative().max(MAX_ARTEFACTS_BYTES),
  /** SHA-256 of its content, in lower-case hexadecimal. */
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
});
export type Artefact = z.infer<typeof artefactSchema>;

/** Artefacts of a task. */
export const taskArtefactsSchema = z.object({
  files: z
    .array(artefactSchema)
    .max(MAX_ARTEFACTS)
    .refine((files) => files.reduce((sum, { bytes }) => sum + bytes, 0) <= MAX_ARTEFACTS_BYTES)
    .refine((files) => new Set(files.map(({ name }) => name)).size === files.length),
  /** Files that were declared and are not kept, by name or pattern, each with the reason. */
  missing: z
    .array(
      z.object({
        name: z.string().max(MAX_ARTEFACT_NAME_CHARACTERS),
        reason: z.string().max(200),
      }),
    )
    .max(MAX_ARTEFACT_PATTERNS + MAX_ARTEFACTS),
});
export type TaskArtefacts = z.infer<typeof taskArtefactsSchema>;
