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

/** A YAML text that was read, with the lines where its parts stand. */
export type YamlLines = {
  readonly value: unknown;
  /** Line, from 1, of a part, or of the nearest part around it that the text has. */
  lineOf(path: readonly PropertyKey[]): number;
};

export type YamlFault = { readonly line: number; readonly reason: string };

/**
 * Reads one YAML 1.2 document. Refused beyond what the format itself refuses: keys that stand twice, tags that are not of YAML's own
 * and aliases, of which a few bytes can become gigabytes ("billion laughs").
 */
export function readYaml(
  text: string,
):
  | { readonly ok: true; readonly yaml: YamlLines }
  | { readonly ok: false; readonly faults: readonly YamlFault[] } {
  const counter = new LineCounter();
  // Keys that stand twice are looked for below: the library compares each with each.
  const document = parseDocument(text, { lineCounter: counter, prettyErrors: false, uniqueKeys: false });
  const lineAt = (offset: number): number => Math.max(counter.linePos(offset).line, 1);
  const faults = [...document.errors, ...document.warnings].map(({ pos, message }) => ({
    line: lineAt(pos[0]),
    reason: message,
  }));
  if (faults.length === 0) faults.push(...findUnwanted(document, lineAt));
  if (faults.length > 0) return { ok: false, faults };
  return {
    ok: true,
    yaml: {
      value: document.toJS({ maxAliasCount: 0 }),
      lineOf: (path) => lineAt(offsetOf(document.contents, path)),
    },
  };
}

function findUnwanted(document: Document, lineAt: (offset: number) => number): YamlFault[] {
  const faults: YamlFault[] = [];
  const add = (node: unknown, reason: string) =>
    faults.push({ line: lineAt((isNode(node) && node.range?.[0]) || 0), reason });
  visit(document, {
    Alias: (_, node) => void add(node, `aliases (*${node.source}) are not supported`),
    Map(_, node) {
      const seen = new Set<string>();
      for (const { key } of node.items) {
        if (!isScalar(key) || isAlias(key)) add(key, 'a key must be a plain text');
        else if (seen.has(String(key.value))) add(key, `${JSON.stringify(key.value)} stands there twice`);
        else seen.add(String(key.value));
      }
    },
  });
  return faults;
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
