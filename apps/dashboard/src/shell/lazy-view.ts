import { lazyRouteComponent } from '@tanstack/react-router';

/** A part of the dashboard could not be loaded: the hub cannot be reached, or was upgraded. */
export class PartMissingError extends Error {
  constructor(cause: unknown) {
    super('a part of the dashboard could not be loaded', { cause });
    this.name = 'PartMissingError';
  }
}

/**
 * Loads a part. Failures get their own error class, so that the router does not reload the page,
 * which would lose it while the hub cannot be reached.
 */
async function loadPart<Part>(load: () => Promise<Part>): Promise<Part> {
  try {
    return await load();
  } catch (cause) {
    throw new PartMissingError(cause);
  }
}

/** Returns a view that loads when the user opens or points at its link. */
export const lazyView: typeof lazyRouteComponent = (importer, exportName) =>
  lazyRouteComponent(() => loadPart(importer), exportName);
