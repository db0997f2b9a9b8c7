import type { CallResult } from '../../../lib/api/client.ts';

export type Target = CallResult<'listTargets'>['targets'][number];
