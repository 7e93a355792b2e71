import type { EndedEpisode } from '@booner/protocol';
import type { OpenAlert } from './board/alert-board.ts';
import type { AlertSettings } from './settings/alert-settings.ts';
import type { AlertView } from './view/alert-view.ts';

export type AlertJsonDeps = {
  readonly view: Pick<AlertView, 'open' | 'ended'>;
  readonly settings: Pick<AlertSettings, 'onChange'>;
};

/** Alerts as JSON. Each is encoded once for any number of clients, and anew after rules changed. */
export type AlertJson = {
  open(alert: OpenAlert): string;
  ended(episode: EndedEpisode): string;
};

export function createAlertJson({ view, settings }: AlertJsonDeps): AlertJson {
  let texts = new WeakMap<object, string>();
  settings.onChange((kind) => {
    if (kind === 'rules') texts = new WeakMap();
  });
  const textOf = <T extends object>(shown: T, show: (shown: T) => object): string => {
    const text = texts.get(shown) ?? JSON.stringify(show(shown));
    texts.set(shown, text);
    return text;
  };
  return {
    open: (alert) => textOf(alert, (shown) => view.open(shown)),
    ended: (episode) => textOf(episode, (shown) => view.ended(shown)),
  };
}
