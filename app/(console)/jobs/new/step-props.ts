import type { CallResult } from '../../../../lib/api/client.ts';
import type { Draft } from './draft.ts';

/** What every step of the wizard gets. */
export interface StepProps {
  draft: Draft;
  onChange: (draft: Draft) => void;
  stores: CallResult<'listStores'>['stores'];
  addresses: CallResult<'listAddresses'>['addresses'];
  targets: CallResult<'listTargets'>['targets'];
  /** Back to a step, from the review. */
  onEdit: (step: number) => void;
}
