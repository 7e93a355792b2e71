/** `shown`, `hidden`: the page; `network`: it came or went; `resumed`: the page goes on after the browser had frozen it. */
export type PageChange = 'shown' | 'hidden' | 'network' | 'resumed';

/** What a client knows of the page that it is part of. */
export type Page = {
  isHidden(): boolean;
  /** @returns what ends it */
  onChange(listener: (change: PageChange) => void): () => void;
};

/** The parts of a browser that are used; this package is checked without its types. */
type Emitter = {
  addEventListener(type: string, listener: () => void): void;
  removeEventListener(type: string, listener: () => void): void;
};
type PageDocument = Emitter & { readonly visibilityState: string };

/** The page that this runs in, or one that never changes where there is none, as in Node.js and in workers. */
export function currentPage(): Page {
  const { document, window } = globalThis as { document?: PageDocument; window?: Emitter };
  if (document === undefined || window === undefined) {
    return { isHidden: () => false, onChange: () => () => undefined };
  }
  const isHidden = () => document.visibilityState === 'hidden';
  return {
    isHidden,
    onChange(listener) {
      const sources: readonly (readonly [Emitter, string, () => PageChange])[] = [
        [document, 'visibilitychange', () => (isHidden() ? 'hidden' : 'shown')],
        [document, 'resume', () => 'resumed'], // Page Lifecycle, of Chromium
        [window, 'pageshow', () => 'resumed'], // also out of the back/forward cache
        [window, 'online', () => 'network'],
        [window, 'offline', () => 'network'],
      ];
      const ends = sources.map(([emitter, type, changeOf]) => {
        const onEvent = () => listener(changeOf());
        emitter.addEventListener(type, onEvent);
        return () => emitter.removeEventListener(type, onEvent);
      });
      return () => {
        for (const end of ends) end();
      };
    },
  };
}
