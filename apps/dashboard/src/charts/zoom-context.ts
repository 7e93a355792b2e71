import { createContext } from 'react';

/** A part of the time of the charts, in Unix milliseconds. */
export type TimeSpan = { readonly fromMs: number; readonly toMs: number };

/**
 * Zooms all charts of a page: a mouse that is dragged over one selects a span, and a double click
 * ends the zoom with `null`. Without a function, charts cannot be zoomed.
 */
export const ZoomContext = createContext<((span: TimeSpan | null) => void) | null>(null);
