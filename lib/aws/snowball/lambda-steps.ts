import { STEP_NAMES, type StepName, stepRule } from '../../domain/processing-steps.ts';
import { isWord } from '../../domain/words.ts';
import type { Reader } from '../../server/db/database.ts';
import { functionStep } from '../../server/processing/function-library.ts';
import { nameOfArn } from '../buckets.ts';
import { combination } from './invalid-combination.ts';
import type { LambdaResource, Resources } from './members.ts';

/** Steps that need no option, and make something of an object: those that a function's name alone can order. */
const BY_NAME: readonly StepName[] = STEP_NAMES.filter((name) => {
  const { options, makes } = stepRule(name);
  return makes !== 'none' && Object.values(options).every(({ required }) => !required);
});

const FUNCTION_ARN = /^arn:aws[^:]*:lambda:[^:]*:[^:]*:function:([^:]+)(?::[^:]+)?$/;

/**
 * The processing plan that functions of a request stand for, null without any. A function is the one that is kept
 * under its name, or the built-in step of it; its event triggers, parts of the job's bucket, are the keys that it
 * works on. What comes in stays beside what is made of it. Throws InputCombination.
 */
export async function stepsOf(
  db: Reader,
  { LambdaResources = [], S3Resources = [] }: Resources,
): Promise<unknown> {
  if (LambdaResources.length === 0) return null;
  const bucket = nameOfArn(S3Resources[0]?.BucketArn ?? '');
  const steps: object[] = [];
  for (const resource of LambdaResources) steps.push(await stepOf(db, resource, bucket));
  return { originals: 'keep', steps };
}

async function stepOf(
  db: Reader,
  { LambdaArn = '', EventTriggers = [] }: LambdaResource,
  bucket: string,
): Promise<object> {
  const name = FUNCTION_ARN.exec(LambdaArn)?.[1] ?? '';
  const builtIn = name.toLowerCase();
  const step = isWord(BY_NAME, builtIn) ? { step: builtIn } : await functionStep(db, name);
  if (!step) {
    throw combination(
      `${LambdaArn.slice(0, 100) || 'a function without ARN'} names no step and no function that is kept here`,
      `name one of ${BY_NAME.join(', ')}, or keep its code first: waybill function keep ${name || 'NAME'} --file FILE`,
    );
  }
  const match = EventTriggers.map(({ EventResourceARN = '' }) => keysOf(EventResourceARN, bucket));
  return { ...step, ...(match.length > 0 && { match }) };
}

const TRIGGER = /^arn:aws[^:]*:s3:[^:]*:[^:]*:([^/]+)(?:\/(.*))?$/;

/** The keys of a trigger's ARN as a pattern: its `*` goes past slashes. */
function keysOf(arn: string, bucket: string): string {
  const [, name, keys = '*'] = TRIGGER.exec(arn) ?? [];
  if (name !== bucket) {
    throw combination(
      `the trigger ${arn.slice(0, 100)} is not of the job's bucket`,
      `give arn:aws:s3:::${bucket}/PREFIX/*`,
    );
  }
  const pattern = keys.startsWith('*') && keys !== '*' ? `**/${keys}` : keys;
  return pattern.endsWith('*') && !pattern.endsWith('**') ? `${pattern}*` : pattern;
}
