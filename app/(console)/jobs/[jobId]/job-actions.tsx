'use client';

import ButtonDropdown from '@cloudscape-design/components/button-dropdown';
import SpaceBetween from '@cloudscape-design/components/space-between';
import { FINAL_STATES } from '../../../../lib/domain/lifecycle.ts';
import { permits } from '../../../../lib/domain/permissions.ts';
import { usePerson } from '../../../_data/session.tsx';
import { refusalOf } from '../../../_ui/failure.tsx';
import { RouterButton } from '../../../_ui/router-link.tsx';
import type { JobPartProps } from './job-part.ts';

const REPORT = 'report-incident';

/** All that can be done with a job, with what is in the way; and a new job like it. */
export function JobActions({ job, onOpenDialog }: JobPartProps) {
  const { role } = usePerson();
  const offers = job.offers.filter(({ forbidden }) => !forbidden);
  const mayReport = permits(role, 'job.incident') && !FINAL_STATES.includes(job.state);
  const items = [
    ...offers.map((offer) => ({
      id: offer.action,
      text: offer.label,
      disabled: !offer.allowed,
      ...(!offer.allowed && { disabledReason: refusalOf(offer) }),
    })),
    ...(mayReport ? [{ id: REPORT, text: 'Report incident' }] : []),
  ];
  return (
    <SpaceBetween direction="horizontal" size="xs">
      {permits(role, 'job.create') && (
        <RouterButton href={`/jobs/new?from=${job.id}`}>Clone</RouterButton>
      )}
      {job.manageable && items.length > 0 && (
        <ButtonDropdown
          items={items}
          onItemClick={({ detail }) => {
            const offer = offers.find(({ action }) => action === detail.id);
            onOpenDialog(offer ? { what: 'action', offer } : { what: REPORT });
          }}
        >
          Actions
        </ButtonDropdown>
      )}
    </SpaceBetween>
  );
}
