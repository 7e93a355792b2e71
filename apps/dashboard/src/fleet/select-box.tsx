/** Shows that a target is selected. A click anywhere in its row toggles it. */
export const SelectBox = ({ host, isSelected }: { readonly host: string; readonly isSelected: boolean }) => (
  <input
    type="checkbox"
    readOnly
    tabIndex={-1}
    aria-label={`Select ${host}`}
    checked={isSelected}
    className="size-4 shrink-0 accent-(--accent)"
  />
);
