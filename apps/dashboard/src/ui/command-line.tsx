import { CopyButton, type CopyButtonProps } from './copy-button.tsx';

/** A text to copy: a command, or a secret that is shown once. */
export function CommandLine({ text, label }: CopyButtonProps) {
  return (
    <div className="flex items-start gap-2 max-sm:flex-col max-sm:items-stretch">
      <code className="min-w-0 flex-1 rounded-md border border-line bg-raised px-3 py-1.5 font-mono text-sm wrap-anywhere whitespace-pre-wrap">
        {text}
      </code>
      <CopyButton text={text} label={label} />
    </div>
  );
}
