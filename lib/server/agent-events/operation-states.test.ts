import { expect, test } from 'vitest';
import { agentEvent } from '../../api/schemas/work-schemas.ts';
import { consoleDatabase, NOW } from '../../testing/console-database.ts';
import { keepOperation, operationNewsOf } from './operation-states.ts';

test('of each operation the newest word is kept, and what no longer holds is forgotten', async () => {
  const { db } = await consoleDatabase();
  const heard = (news: object) => {
    const id = '00000000-0000-4000-8000-000000000000';
    const body = { id, at: NOW.toISOString(), event: { kind: 'operation', news } };
    const { event } = agentEvent.parse(body);
    if (event.kind !== 'operation') throw new RangeError('it is another event');
    return db.transaction((tx) => keepOperation(tx, 'JID1', event.news, NOW));
  };
  const retryAt = NOW.toISOString();
  const waiting = { operation: 'load', state: 'waiting', attempt: 1, waitingFor: 'device' };
  await heard({ operation: 'scan', state: 'done', attempt: 1 });
  await heard({ ...waiting, code: 'DeviceIo', message: 'the device failed: EIO', retryAt });
  expect(await operationNewsOf(db.read, 'JID1')).toEqual([
    { ...waiting, code: 'DeviceIo', message: 'the device failed: EIO', retryAt },
    { operation: 'scan', state: 'done', attempt: 1 },
  ]);
  await heard({ operation: 'load', state: 'running', attempt: 2 });
  expect((await operationNewsOf(db.read, 'JID1'))[0]).toEqual({
    operation: 'load',
    state: 'running',
    attempt: 2,
  });
  // The copy is started again.
  await heard({ operation: 'load', state: 'done', attempt: 2 });
  await heard({ operation: 'verify', state: 'done', attempt: 1 });
  const again = { operation: 'scan', state: 'running', attempt: 1 };
  await heard(again);
  expect(await operationNewsOf(db.read, 'JID1')).toEqual([again]);
});
