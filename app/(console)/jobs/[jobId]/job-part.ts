import type { JobDetail } from '../../../../lib/api/schemas/job-schemas.ts';

/** A dialog of the page of a job that a person may open. */
export type DialogChoice =
  | { what: 'action'; offer: JobDetail['offers'][number] }
  | { what: 'report-incident' }
  | { what: 'resolve-incidents' }
  | { what: 'retry-failed' }
  | { what: 'accept-losses' }
  | { what: 'confirm-restored' }
  | { what: 'allow-erase' }
  | { what: 'destroy-key' }
  | { what: 'scan' }
  | { what: 'compare-seals' };

/** What the parts of a job's page need. */
export interface JobPartProps {
  job: JobDetail;
  onOpenDialog: (dialog: DialogChoice) => void;
}

/** What a dialog of a job's page needs. */
export interface JobDialogProps {
  job: JobDetail;
  onClose: () => void;
}
