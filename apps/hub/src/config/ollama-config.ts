import { makeExactValidator } from 'envalid';

const server = makeExactValidator<URL>((value) => {
  const url = URL.parse(value);
  if (url === null || !/^https?:$/.test(url.protocol) || url.search + url.hash !== '') {
    throw new TypeError('must be the URL of an Ollama server, such as http://127.0.0.1:11434');
  }
  if (url.username + url.password !== '') throw new TypeError('must not contain a user or a password');
  return url;
});

/** Settings of the Ollama server whose models are listed for existing dashboards. */
export const ollamaSettings = {
  BOONER_OLLAMA_URL: server({
    default: undefined,
    desc: 'Ollama server whose models GET /ollama/tags lists, such as http://127.0.0.1:11434',
  }),
};

/** Flags of {@link ollamaSettings}. */
export const ollamaFlags = { 'ollama-url': 'BOONER_OLLAMA_URL' } as const;
