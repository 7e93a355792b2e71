type CheckboxProps = {
  readonly label: string;
  readonly isOn: boolean;
  readonly onChange: (isOn: boolean) => void;
};

/** A checkbox with its label after it. */
export const Checkbox = ({ label, isOn, onChange }: CheckboxProps) => (
  <label className="flex cursor-pointer items-center gap-2 pointer-coarse:min-h-10">
    <input
      type="checkbox"
      checked={isOn}
      onChange={({ target }) => onChange(target.checked)}
      className="size-4 accent-(--accent)"
    />
    {label}
  </label>
);
