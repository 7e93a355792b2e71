import { mkdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { type RedisServer, startRedis } from '@booner/testkit';
import { Redis } from 'ioredis';
import { describe, expect, it } from 'vitest';
import type { BusError } from '../../bus-error.ts';
import { hashSecret } from '../../secrets.ts';
import { untilConnected } from '../../testing/contract/connection-contract.ts';
import { HOST, OTHER_HOST } from '../../testing/contract/sample-factory.ts';
import { connectOperator } from '../../testing/test-bus.ts';
import { aclOf, waysTo } from '../../testing/test-users.ts';
import { startRedisEnroller } from './enroller.ts';
import { agentRules, runnerRules } from './host-users.ts';
import { agentUser, deleteUsersLine, runnerUser, setUserLine } from './redis-user.ts';

const PASSWORD = 'of a host';
const HASH = hashSecret(PASSWORD);

async function startEnroller(server: RedisServer) {
  const unsaved: BusError[] = [];
  const enroller = await startRedisEnroller({
    redis: waysTo(server.url).enroller,
    onUnsaved: (error) => void unsaved.push(error),
  });
  await untilConnected(enroller);
  return { ...enroller, unsaved };
}

/** Returns true if a password is valid for a user. */
async function canLogIn(url: string, username: string, password = PASSWORD): Promise<boolean> {
  const redis = new Redis(url, {
    ...{ username, password, lazyConnect: true, disableClientInfo: true, enableReadyCheck: false },
    retryStrategy: null,
  });
  redis.on('error', () => {}); // connect() reports it
  const answer = await redis.connect().then(
    () => redis.ping(),
    (error: Error) => error.message,
  );
  redis.disconnect();
  return answer === 'PONG';
}

describe('the enroller', () => {
  it('makes users, and removes them with their connections', async () => {
    await using server = await startRedis({ acl: aclOf([]) });
    await using enroller = await startEnroller(server);
    await enroller.setUsers([agentRules(HOST, HASH), runnerRules(HOST, HASH), agentRules(OTHER_HOST, HASH)]);
    const name = agentUser(HOST);
    expect(await canLogIn(server.url, name, 'wrong')).toBe(false);
    const connection = new Redis(server.url, {
      ...{ username: name, password: PASSWORD, disableClientInfo: true, enableReadyCheck: false },
      retryStrategy: null,
    });
    const ended = new Promise((resolve) => connection.once('end', resolve));
    expect(await connection.ping()).toBe('PONG');
    await enroller.setUsers([agentRules(HOST, HASH)]);
    expect(await connection.ping()).toBe('PONG'); // made again as it was
    await enroller.removeUsers([name, runnerUser(HOST), 'booner-agent-nobody']);
    await ended;
    expect(await canLogIn(server.url, name)).toBe(false);
    expect(await canLogIn(server.url, agentUser(OTHER_HOST))).toBe(true);
  });

  it('may do nothing else', async () => {
    await using server = await startRedis({ acl: aclOf([]) });
    const redis = new Redis({
      ...waysTo(server.url).enroller,
      port: server.port,
      disableClientInfo: true,
      enableReadyCheck: false,
    });
    for (const command of [
      ['GET', 'a'],
      ['ACL', 'LIST'],
      ['ACL', 'GETUSER', 'default'],
      ['CONFIG', 'GET', '*'],
      ['INFO'],
    ]) {
      const [name = '', ...args] = command;
      await expect(redis.call(name, ...args)).rejects.toThrow(/^NOPERM/);
    }
    redis.disconnect();
  });

  it('has users saved where Redis keeps them in a file, so that they are there after a restart', async () => {
    await using server = await startRedis({ acl: aclOf([]) });
    await using enroller = await startEnroller(server);
    await enroller.setUsers([agentRules(HOST, HASH)]);
    await enroller.setUsers([agentRules(OTHER_HOST, HASH)]);
    await enroller.removeUsers([agentUser(OTHER_HOST)]);
    expect(enroller.unsaved).toEqual([]);
    const file = await readFile(join(server.directory, 'users.acl'), 'utf8');
    expect(file).toMatch(new RegExp(`^user ${agentUser(HOST)} on .*#${HASH} `, 'm'));
    expect(file).not.toContain(PASSWORD);
    await server.kill('SIGKILL');
    await server.restart();
    expect(await canLogIn(server.url, agentUser(HOST))).toBe(true);
    expect(await canLogIn(server.url, agentUser(OTHER_HOST))).toBe(false);
  });

  it('says when a file of users cannot be written, and goes on', async () => {
    await using server = await startRedis({ acl: aclOf([]) });
    await rm(join(server.directory, 'users.acl'));
    await mkdir(join(server.directory, 'users.acl', 'in the way'), { recursive: true });
    await using enroller = await startEnroller(server);
    await enroller.setUsers([agentRules(HOST, HASH)]);
    expect(enroller.unsaved).toMatchObject([{ code: 'refused' }]);
    expect(await canLogIn(server.url, agentUser(HOST))).toBe(true);
  });
});

describe('the lines for redis-cli', () => {
  it('do the same, and hold no secret', async () => {
    await using server = await startRedis({ acl: aclOf([]) });
    using operator = connectOperator(server.url);
    const run = (line: string) => {
      const [command = '', ...args] = line.split(' ');
      return operator.redis.call(command, ...args);
    };
    for (const user of [agentRules(HOST, HASH), runnerRules(HOST, HASH)]) {
      expect(setUserLine(user)).not.toContain(PASSWORD);
      await run(setUserLine(user));
      expect(await canLogIn(server.url, user.name)).toBe(true);
    }
    await run(deleteUsersLine([agentUser(HOST), runnerUser(HOST)]));
    expect(await canLogIn(server.url, agentUser(HOST))).toBe(false);
  });
});
