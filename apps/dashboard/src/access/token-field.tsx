import { TextField, type TextFieldProps } from '../ui/text-field.tsx';

export type TokenFieldProps = Pick<TextFieldProps, 'ref' | 'value' | 'onChange' | 'hint' | 'issue'>;

/** Takes a token, which password managers offer and keep. */
export const TokenField = (props: TokenFieldProps) => (
  <TextField
    {...props}
    label="Token"
    type="password"
    name="token"
    autoComplete="current-password"
    autoCapitalize="off"
    placeholder="bnr_…"
  />
);
