/**
 * Classes of a modal dialog's parts: backdrop, viewport, and popup. Add a maximum width to the
 * popup.
 */
export const modalClasses = {
  // As high as the viewport, so that the backdrop of a nested dialog covers the dialog behind it.
  backdrop: 'fixed inset-0 z-50 bg-[rgb(0_0_0/0.45)]',
  viewport:
    'fixed inset-0 z-50 flex items-start justify-center overflow-hidden px-2 pt-[12dvh] pb-2 max-sm:pt-2',
  popup:
    'flex max-h-full w-full flex-col overflow-hidden rounded-md border border-line-strong bg-panel text-ink outline-none',
} as const;
