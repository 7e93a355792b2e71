import { lazyRouteComponent } from '@tanstack/react-router';

/** A part of the dashboard did not come: the hub is away, or has another version of it by now. */
export class PartMissingError extends Error {
  constructor(cause: unknown) {
    super('a part of the dashboard could not be loaded', { cause });
    this.name = 'PartMissingError';
  }
}

/** Loads a part. What fails has a name of its own, so that the router does not reload the page: with the hub away, that loses it. */
async function loadPart<Part>(load: () => Promise<Part>): Promise<Part> {
  try {
    return await load();
  } catch (cause) {
    throw new PartMissingError(cause);
  }
}

/** A view that is loaded when it is gone to, or pointed at. */
export const lazyView: typeof lazyRouteComponent = (importer, exportName) =>
  lazyRouteComponent(() => loadPart(importer), exportName);
