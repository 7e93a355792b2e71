import { describe, expect, it } from 'vitest';
import { BusError } from '../../bus-error.ts';
import { parseRedisUrl, redactRedisUrl } from './redis-url.ts';

const plain = { tls: false, username: undefined, password: undefined, masterName: null, database: 0 };

describe('parseRedisUrl', () => {
  it.each([
    ['redis://10.0.0.1', { ...plain, nodes: [{ host: '10.0.0.1', port: 6379 }] }],
    ['redis://localhost:6380/', { ...plain, nodes: [{ host: 'localhost', port: 6380 }] }],
    [
      'REDISS://redis.example.org/7',
      { ...plain, tls: true, database: 7, nodes: [{ host: 'redis.example.org', port: 6379 }] },
    ],
    ['redis://[::1]:6380/1', { ...plain, database: 1, nodes: [{ host: '::1', port: 6380 }] }],
    ['redis://:secret@h', { ...plain, password: 'secret', nodes: [{ host: 'h', port: 6379 }] }],
    [
      'redis://agent:p%40ss%3A%2F@h',
      { ...plain, username: 'agent', password: 'p@ss:/', nodes: [{ host: 'h', port: 6379 }] },
    ],
    [
      'redis://agent:a/b@c@h',
      { ...plain, username: 'agent', password: 'a/b@c', nodes: [{ host: 'h', port: 6379 }] },
    ],
    [
      'redis+sentinel://u:p@h1:26380,h2/fleet/2',
      {
        tls: false,
        username: 'u',
        password: 'p',
        masterName: 'fleet',
        database: 2,
        nodes: [
          { host: 'h1', port: 26380 },
          { host: 'h2', port: 26379 },
        ],
      },
    ],
    [
      'rediss+sentinel://h1/my%20fleet',
      { ...plain, tls: true, masterName: 'my fleet', nodes: [{ host: 'h1', port: 26379 }] },
    ],
  ])('reads %s', (url, expected) => {
    expect(parseRedisUrl(url)).toEqual(expected);
  });

  it.each([
    ['10.0.0.1:6379', 'the scheme is missing'],
    ['http://u:hunter2@h', 'the scheme is "http"'],
    ['redis://', 'a host is missing'],
    ['redis://u:hunter2@', 'a host is missing'],
    ['redis://u:hunter2@h:0', 'a port is not between 1 and 65535'],
    ['redis://u:hunter2@h:99999', 'a port is not between 1 and 65535'],
    ['redis://u:hunter2@h:port', 'a host or port is invalid'],
    ['redis://u:hunter2', 'a host or port is invalid'],
    ['redis://u:hunter2@h1,h2', 'several hosts need a scheme with +sentinel'],
    ['redis://u:hunter2@h/zero', 'the database is not a number'],
    ['redis://u:hunter2%@h', 'the password is not percent-encoded'],
    ['redis://u:hunter2@h?family=6', 'a query or a fragment is not allowed'],
    ['redis+sentinel://u:hunter2@h1,h2', 'the name of the master is missing'],
  ])('says what is wrong with %s and what was expected, without the password', (url, issue) => {
    const failure = () => parseRedisUrl(url);
    expect(failure).toThrow(BusError);
    expect(failure).toThrow(`${issue}; expected redis://`);
    expect(failure).not.toThrow('hunter2');
  });
});

describe('redactRedisUrl', () => {
  it.each([
    ['redis://10.0.0.1', 'redis://10.0.0.1:6379'],
    ['rediss://agent:hunter2@h/3', 'rediss://agent:[redacted]@h:6379/3'],
    ['redis://:hunter2@[::1]', 'redis://:[redacted]@[::1]:6379'],
    ['redis+sentinel://u:hunter2@a,b/fleet', 'redis+sentinel://u:[redacted]@a:26379,b:26379/fleet'],
    ['redis://u:hunter2@h:port', '[unreadable Redis URL]'],
  ])('shows %s as %s', (url, shown) => {
    expect(redactRedisUrl(url)).toBe(shown);
  });
});
