import { Button as BaseButton } from '@base-ui/react/button';
import clsx from 'clsx';
import type { ComponentProps } from 'react';

export type ButtonVariant = 'primary' | 'plain' | 'danger' | 'ghost';

const VARIANTS: Readonly<Record<ButtonVariant, string>> = {
  primary: 'border-accent bg-accent text-on-accent hover:opacity-90',
  plain: 'border-line bg-panel text-ink hover:bg-raised',
  danger: 'border-bad-fill bg-panel text-bad hover:bg-bad-wash',
  ghost: 'border-transparent bg-transparent text-muted hover:bg-raised hover:text-ink',
};

/**
 * Returns the classes of a button, also for links that look like one. 40 px for touch, 32 px for a
 * mouse.
 */
export const buttonClass = (variant: ButtonVariant = 'plain', className?: string): string =>
  clsx(
    'inline-flex h-8 items-center justify-center gap-1.5 rounded-md border px-3 whitespace-nowrap select-none pointer-coarse:h-10',
    'data-disabled:cursor-not-allowed data-disabled:opacity-60',
    VARIANTS[variant],
    className,
  );

export type ButtonProps = Omit<ComponentProps<typeof BaseButton>, 'className'> & {
  readonly variant?: ButtonVariant;
  readonly className?: string;
};

export function Button({ variant = 'plain', className, ...rest }: ButtonProps) {
  return <BaseButton className={buttonClass(variant, className)} {...rest} />;
}

/** A button with only an icon. `label` is its name and tooltip. */
export function IconButton({
  label,
  className,
  ...rest
}: Omit<ButtonProps, 'aria-label' | 'title'> & { readonly label: string }) {
  return (
    <Button
      variant="ghost"
      className={clsx('w-8 px-0! pointer-coarse:w-10', className)}
      aria-label={label}
      title={label}
      {...rest}
    />
  );
}
