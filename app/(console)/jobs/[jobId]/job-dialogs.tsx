'use client';

import type { JobDetail } from '../../../../lib/api/schemas/job-schemas.ts';
import { useCall } from '../../../_data/api.ts';
import { JOB_STATE_SIGNS } from '../../../_parts/status.tsx';
import { useNotify } from '../../../_ui/notices.tsx';
import { ActionConfirm } from '../action-confirm.tsx';
import { DestroyKey } from './_erasing/destroy-key.tsx';
import { ReportIncident, ResolveIncidents } from './_incidents/incident-dialogs.tsx';
import { CompareSeals } from './_shipments/compare-seals.tsx';
import { RecordScan } from './_shipments/record-scan.tsx';
import { AcceptLosses, AllowErase, ConfirmRestored, RetryFailed } from './decision-dialogs.tsx';
import type { DialogChoice, JobDialogProps } from './job-part.ts';

/** The one dialog that is open on the page of a job. */
export function JobDialog({ dialog, ...rest }: JobDialogProps & { dialog: DialogChoice }) {
  switch (dialog.what) {
    case 'action':
      return <Act offer={dialog.offer} {...rest} />;
    case 'report-incident':
      return <ReportIncident {...rest} />;
    case 'resolve-incidents':
      return <ResolveIncidents {...rest} />;
    case 'compare-seals':
      return <CompareSeals {...rest} />;
    case 'retry-failed':
      return <RetryFailed {...rest} />;
    case 'accept-losses':
      return <AcceptLosses {...rest} />;
    case 'confirm-restored':
      return <ConfirmRestored {...rest} />;
    case 'destroy-key':
      return <DestroyKey {...rest} />;
    case 'allow-erase':
      return <AllowErase {...rest} />;
    case 'scan':
      return <RecordScan {...rest} />;
  }
}

function Act({ job, offer, onClose }: JobDialogProps & { offer: JobDetail['offers'][number] }) {
  const notify = useNotify();
  const call = useCall('actOnJob', (after) => {
    notify('success', `${job.name}: ${JOB_STATE_SIGNS[after.state][1].toLowerCase()}.`);
    if (after.incidents.some(({ kind, resolvedAt }) => kind === 'seal-differs' && !resolvedAt))
      notify('error', `${job.name}: tamper seals differ.`);
    onClose();
  });
  const travelling = job.shipments.findLast(({ arrivedAt }) => arrivedAt === null);
  return (
    <ActionConfirm
      offer={offer}
      jobs={[job]}
      sealNumbers={travelling?.sealNumbers ?? []}
      uncomparedSeals={job.evidence.uncomparedSeals}
      call={call}
      onClose={onClose}
      onConfirm={({ sealNumbersOf, ...facts }) => {
        const sealNumbers = sealNumbersOf?.[job.id];
        const body = { action: offer.action, ...facts, ...(sealNumbers && { sealNumbers }) };
        call.mutate({ params: { jobId: job.id }, body });
      }}
    />
  );
}
