/**
 * `shown`, `hidden`: the page's visibility. `network`: the network changed. `resumed`: the browser
 * had frozen the page.
 */
export type PageChange = 'shown' | 'hidden' | 'network' | 'resumed';

/** The page that a client is part of. */
export type Page = {
  isHidden(): boolean;
  /** Subscribes to changes. Returns a function that unsubscribes. */
  onChange(listener: (change: PageChange) => void): () => void;
};

/** The parts of a browser that are used. This package is checked without its types. */
type Emitter = {
  addEventListener(type: string, listener: () => void): void;
  removeEventListener(type: string, listener: () => void): void;
};
type PageDocument = Emitter & { readonly visibilityState: string };

/**
 * Returns the page that this runs in, or one that never changes if there is none, as in Node.js and
 * workers.
 */
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
        [document, 'resume', () => 'resumed'], // Page Lifecycle API of Chromium
        [window, 'pageshow', () => 'resumed'], // including the back/forward cache
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
