import { WaybillError } from '../../domain/errors.ts';

/** Members of a request that do not go together: what is wrong, and what to do instead. */
export const combination = (detail: string, fix: string): WaybillError =>
  new WaybillError('InputCombination', { detail, fix });
