/** One part of a path: nothing that is special in headers, shells or paths. */
const PART = '[A-Za-z0-9_@+=-][A-Za-z0-9._@+=-]*';
const NAME = new RegExp(`^${PART}(?:/${PART})*$`);

/** Returns true for a name that an artefact can have. It leads only to places below a folder. */
export const isArtefactName = (text: string): boolean => NAME.test(text);
