import {
  type Document,
  isAlias,
  isMap,
  isNode,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  parseDocument,
  visit,
} from 'yaml';

/** A place in a text. Both numbers count from 1. */
export type TextPlace = { readonly line: number; readonly column: number };

/** A parsed YAML text with the places of its parts. */
export type YamlLines = {
  readonly value: unknown;
  /** Returns the place of a part, or of the nearest enclosing part in the text. */
  placeOf(path: readonly PropertyKey[]): TextPlace;
};

type YamlIssue = TextPlace & { readonly reason: string };

/**
 * Parses one YAML 1.2 document. Beyond the format's own rules it refuses duplicate keys, tags
 * outside YAML's own, and aliases: with them a few bytes can become gigabytes ("billion laughs").
 */
export function parseYaml(
  text: string,
):
  | { readonly ok: true; readonly yaml: YamlLines }
  | { readonly ok: false; readonly issues: readonly YamlIssue[] } {
  const counter = new LineCounter();
  // Duplicate keys are found below: the library compares each key with every other.
  const document = parseDocument(text, { lineCounter: counter, prettyErrors: false, uniqueKeys: false });
  const placeAt = (offset: number): TextPlace => {
    const { line, col } = counter.linePos(offset);
    return { line: Math.max(line, 1), column: Math.max(col, 1) };
  };
  const issues = [...document.errors, ...document.warnings].map(({ pos, message }) => ({
    ...placeAt(pos[0]),
    reason: message,
  }));
  if (issues.length === 0) issues.push(...findUnwanted(document, placeAt));
  if (issues.length > 0) return { ok: false, issues };
  return {
    ok: true,
    yaml: {
      value: document.toJS({ maxAliasCount: 0 }),
      placeOf: (path) => placeAt(offsetOf(document.contents, path)),
    },
  };
}

function findUnwanted(document: Document, placeAt: (offset: number) => TextPlace): YamlIssue[] {
  const issues: YamlIssue[] = [];
  const add = (node: unknown, reason: string) =>
    issues.push({ ...placeAt((isNode(node) && node.range?.[0]) || 0), reason });
  visit(document, {
    Alias: (_, node) => void add(node, `aliases (*${node.source}) are not supported`),
    Map(_, node) {
      const seen = new Set<string>();
      for (const { key } of node.items) {
        if (!isScalar(key) || isAlias(key)) add(key, 'a key must be a plain string');
        else if (seen.has(String(key.value))) add(key, `${JSON.stringify(key.value)} appears twice`);
        else seen.add(String(key.value));
      }
    },
  });
  return issues;
}

function offsetOf(root: Node | null, path: readonly PropertyKey[]): number {
  let node: unknown = root;
  let offset = root?.range?.[0] ?? 0;
  for (const step of path) {
    let place: unknown;
    if (isMap(node)) {
      const pair = node.items.find(({ key }) => isScalar(key) && String(key.value) === String(step));
      [place, node] = [pair?.key, pair?.value];
    } else if (isSeq(node)) {
      place = node = node.items[Number(step)];
    }
    if (!isNode(place)) break;
    offset = place.range?.[0] ?? offset;
  }
  return offset;
}
