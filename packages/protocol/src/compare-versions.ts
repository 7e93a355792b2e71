type Version = { readonly numbers: readonly number[]; readonly prerelease: readonly string[] };

// Semantic Versioning 2.0.0, sections 2, 9 and 10. A leading `v` is common in tags.
const VERSION =
  /^v?(\d{1,9})\.(\d{1,9})\.(\d{1,9})(?:-([0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*))?(?:\+[0-9A-Za-z.-]*)?$/;

/**
 * Compares two versions by Semantic Versioning 2.0.0, section 11. Negative if `a` is older. Build
 * metadata is ignored.
 * @returns `null` if one of them is not a version
 */
export function compareVersions(a: string, b: string): number | null {
  const [left, right] = [parseVersion(a), parseVersion(b)];
  if (left === null || right === null) return null;
  for (const [index, number] of left.numbers.entries()) {
    const difference = number - (right.numbers[index] ?? 0);
    if (difference !== 0) return difference;
  }
  return comparePrereleases(left.prerelease, right.prerelease);
}

/**
 * Returns true if an agent or runner of this version is older than its hub. False if either text is
 * not a version.
 */
export const isBehind = (version: string, hubVersion: string): boolean =>
  version !== hubVersion && (compareVersions(version, hubVersion) ?? 0) < 0;

function parseVersion(text: string): Version | null {
  const match = VERSION.exec(text);
  if (match === null) return null;
  return { numbers: match.slice(1, 4).map(Number), prerelease: match[4]?.split('.') ?? [] };
}

/** A release is newer than its pre-releases. Otherwise field by field, numbers before words. */
function comparePrereleases(a: readonly string[], b: readonly string[]): number {
  if (a.length === 0 || b.length === 0) return b.length - a.length;
  for (const [index, field] of a.entries()) {
    const other = b[index];
    if (other === undefined) return 1;
    const difference = compareFields(field, other);
    if (difference !== 0) return difference;
  }
  return a.length - b.length;
}

function compareFields(a: string, b: string): number {
  const [isNumber, otherIsNumber] = [a, b].map((field) => /^\d+$/.test(field));
  if (isNumber && otherIsNumber) return Number(a) - Number(b);
  if (isNumber !== otherIsNumber) return isNumber ? -1 : 1;
  return a === b ? 0 : a < b ? -1 : 1;
}
