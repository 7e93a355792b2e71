/** Valid settings of each type of channel, as somebody enters them. */
export const EXAMPLE_SETTINGS = {
  webhook: { type: 'webhook', url: 'https://example.org/hook', secret: '0123456789' },
  email: {
    type: 'email',
    host: 'smtp.example.org',
    user: 'booner',
    password: 's3cr3t-w0rd',
    from: 'booner@example.org',
    to: ['ops@example.org'],
  },
  slack: { type: 'slack', url: 'https://hooks.slack.com/services/T00000000/B00000000/XXXXXXXX' },
  discord: { type: 'discord', url: 'https://discord.com/api/webhooks/1/abcdefgh' },
  teams: { type: 'teams', url: 'https://example.logic.azure.com/workflows/abc?sig=abcdefgh' },
  telegram: { type: 'telegram', token: '123456:ABC-DEF1234ghIkl-zyx57W2v1u123ew11', chatId: '-100123' },
  ntfy: { type: 'ntfy', topic: 'ops-4f7a2c' },
  gotify: { type: 'gotify', server: 'https://gotify.example.org/sub/', token: 'AbCdEf123456789' },
  pushover: { type: 'pushover', token: 'a'.repeat(30), user: 'u'.repeat(30) },
  matrix: {
    type: 'matrix',
    server: 'https://matrix.example.org',
    roomId: '!a:example.org',
    accessToken: 'syt_abc',
  },
  pagerduty: { type: 'pagerduty', routingKey: 'r'.repeat(32) },
  opsgenie: { type: 'opsgenie', apiKey: 'eb243592-faa2-4ba2' },
  alertmanager: { type: 'alertmanager', server: 'http://alertmanager.example.org:9093' },
  apprise: { type: 'apprise', server: 'http://apprise.example.org:8000', key: 'ops' },
} as const;
