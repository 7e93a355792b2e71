import { Check, Copy } from 'lucide-react';
import { useEffect, useState } from 'react';
import { Button } from './button.tsx';

const SHOWN_FOR_MS = 1500;

export type CopyButtonProps = { readonly text: string; readonly label?: string | undefined };

/** Copies a text and confirms it. */
export function CopyButton({ text, label = 'Copy' }: CopyButtonProps) {
  const [outcome, setOutcome] = useState<'copied' | 'failed' | null>(null);
  useEffect(() => {
    if (outcome === null) return;
    const timer = setTimeout(() => setOutcome(null), SHOWN_FOR_MS);
    return () => clearTimeout(timer);
  }, [outcome]);
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(text); // absent over plain HTTP, except on localhost
      setOutcome('copied');
    } catch {
      setOutcome('failed');
    }
  };
  const words = { copied: 'Copied', failed: 'Could not copy' };
  return (
    <Button onClick={() => void copy()}>
      {outcome === 'copied' ? <Check size={16} aria-hidden="true" /> : <Copy size={16} aria-hidden="true" />}
      <span aria-live="polite">{outcome === null ? label : words[outcome]}</span>
    </Button>
  );
}
