import { join, resolve } from 'node:path';
import { text } from '@booner/service';
import { stateDirectoryOf } from './program-files.ts';
import { size, UNITS } from './size.ts';

/** As a directory: this hub keeps no artefacts. */
const OFF = 'off';

/** Settings of the artefacts of tasks. */
export const artefactsSettings = {
  BOONER_ARTEFACTS_DIR: text({ maxLength: 4096 })({
    default: undefined,
    desc: 'folder of the artefacts of tasks; off: this hub keeps none; default: a folder in the state directory',
  }),
  BOONER_ARTEFACTS_MAX_SIZE: size({
    default: UNITS.GiB,
    desc: 'size of all artefacts; beyond it, those of the oldest tasks are deleted; such as 1GiB',
  }),
  BOONER_ARTEFACTS_MIN_FREE: size({
    default: UNITS.GiB,
    desc: 'free space on their file system below which no artefacts are stored; such as 1GiB',
  }),
};

/** Flags of {@link artefactsSettings}. */
export const artefactsFlags = {
  'artefacts-dir': 'BOONER_ARTEFACTS_DIR',
  'artefacts-max-size': 'BOONER_ARTEFACTS_MAX_SIZE',
  'artefacts-min-free': 'BOONER_ARTEFACTS_MIN_FREE',
} as const;

type ArtefactsValues = {
  readonly BOONER_ARTEFACTS_DIR?: string;
  readonly BOONER_ARTEFACTS_MAX_SIZE: number;
  readonly BOONER_ARTEFACTS_MIN_FREE: number;
};

export type ArtefactsConfig = {
  /** `null`: this hub keeps none. */
  readonly directory: string | null;
  readonly maxBytes: number;
  readonly minFreeBytes: number;
};

/**
 * Maps the values of {@link artefactsSettings}.
 * @param stateDirectory the state directory that was set, if it was
 */
export function artefactsConfigOf(
  values: ArtefactsValues,
  stateDirectory: string | undefined,
): ArtefactsConfig {
  const { BOONER_ARTEFACTS_DIR: directory } = values;
  return {
    directory:
      directory === OFF ? null : resolve(directory ?? join(stateDirectoryOf(stateDirectory), 'artefacts')),
    maxBytes: values.BOONER_ARTEFACTS_MAX_SIZE,
    minFreeBytes: values.BOONER_ARTEFACTS_MIN_FREE,
  };
}
