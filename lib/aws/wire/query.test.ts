import { expect, test } from 'vitest';
import { IMPORT_EXPORT_MODEL } from '../model/service-model.ts';
import { inputOf, queryAnswer } from './query.ts';

const read = (fields: Record<string, string>) =>
  inputOf(IMPORT_EXPORT_MODEL, 'CreateJob', new Map(Object.entries(fields)));

test('fields become what the model says they are', () => {
  const input = read({ JobType: 'Import', ValidateOnly: 'TRUE' });
  expect(input).toMatchObject({ JobType: 'Import', ValidateOnly: true });
});

test('refuses a flag that is neither true nor false', () => {
  expect(() => read({ ValidateOnly: 'yes' })).toThrow(
    expect.objectContaining({ code: 'InputMalformed' }),
  );
});

test('an answer holds no markup and no character that XML has not', async () => {
  const answer = queryAnswer(IMPORT_EXPORT_MODEL, 'CreateJob', { JobId: `<a b="c">&'\0\r` }, 'R');
  expect(await answer.text()).toContain(
    '<JobId>&lt;a b=&quot;c&quot;&gt;&amp;&#39;\ufffd&#13;</JobId>',
  );
});
