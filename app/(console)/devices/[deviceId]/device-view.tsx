'use client';

import Button from '@cloudscape-design/components/button';
import ButtonDropdown from '@cloudscape-design/components/button-dropdown';
import Container from '@cloudscape-design/components/container';
import Header from '@cloudscape-design/components/header';
import KeyValuePairs from '@cloudscape-design/components/key-value-pairs';
import SpaceBetween from '@cloudscape-design/components/space-between';
import Spinner from '@cloudscape-design/components/spinner';
import dynamic from 'next/dynamic';
import { useState } from 'react';
import type { DeviceDetail } from '../../../../lib/api/schemas/device-schemas.ts';
import {
  DEVICE_ACTION_NAMES,
  DEVICE_ACTIONS,
  type DeviceAction,
  isNeeded,
  measureWords,
} from '../../../../lib/domain/devices.ts';
import { permits } from '../../../../lib/domain/permissions.ts';
import { formatSize } from '../../../../lib/domain/sizes.ts';
import { isWord } from '../../../../lib/domain/words.ts';
import { useApi } from '../../../_data/api.ts';
import { useLive } from '../../../_data/live.tsx';
import { usePerson } from '../../../_data/session.tsx';
import { DeviceStatus, JobStatus } from '../../../_parts/status.tsx';
import { Failure } from '../../../_ui/failure.tsx';
import { Instant } from '../../../_ui/instant.tsx';
import { PageFrame } from '../../../_ui/page-frame.tsx';
import { DeviceJob, OWNER_WORDS, PLACE_WORDS } from '../device-words.tsx';
import { BeforeErasing } from './before-erasing.tsx';
import { DeviceCustody, DeviceErasures, DeviceJobs } from './device-history.tsx';

// Dialogs come when they are asked for.
const ActOnDevice = dynamic(() => import('../device-dialogs.tsx').then((part) => part.ActOnDevice));
const EditDevice = dynamic(() => import('../device-dialogs.tsx').then((part) => part.EditDevice));

/** One device: where it is, what can be done with it, and everything that happened to it. */
export function DeviceView({ deviceId }: { deviceId: string }) {
  const { role } = usePerson();
  const { data: device, error, refetch } = useApi('getDevice', { params: { deviceId } });
  useLive();
  if (error) {
    return (
      <PageFrame title="Device">
        <Failure error={error} onRetry={() => void refetch()} />
      </PageFrame>
    );
  }
  if (!device) return <Spinner size="large" />;
  return (
    <PageFrame
      title={device.id}
      description={OWNER_WORDS[device.owner]}
      actions={permits(role, 'device.manage') && <DeviceActions device={device} />}
    >
      <Container header={<Header variant="h2">About the device</Header>}>
        <KeyValuePairs
          columns={4}
          items={[
            { label: 'State', value: <DeviceStatus state={device.state} /> },
            { label: 'Where', value: PLACE_WORDS[device.place] },
            { label: 'Capacity', value: formatSize(device.capacityBytes) },
            ...(device.measure ? [{ label: 'Measured', value: measureWords(device.measure) }] : []),
            { label: 'Known since', value: <Instant at={device.createdAt} /> },
            { label: 'Job', value: <DeviceJob job={device.job} /> },
            { label: 'The job is', value: device.job ? <JobStatus {...device.job} /> : '–' },
            { label: 'Next', value: nextOf(device) },
            { label: 'Note', value: <span className="long-word">{device.note || '–'}</span> },
          ]}
        />
      </Container>
      {device.job && <BeforeErasing jobId={device.job.id} />}
      <DeviceJobs deviceId={device.id} />
      <DeviceErasures deviceId={device.id} />
      {permits(role, 'audit.read') && <DeviceCustody deviceId={device.id} />}
    </PageFrame>
  );
}

/** Who decides what becomes of it. */
function nextOf({ job, state, owner }: DeviceDetail): string {
  if (isNeeded({ jobState: job?.state ?? null })) return 'Its job decides';
  if (owner === 'customer') return 'It is back with the customer';
  if (state === 'at-facility')
    return 'A station erases it when it is connected and nothing is missing';
  if (state === 'available' || state === 'erased') return 'A station gives it to a job that fits';
  return 'A person decides';
}

function DeviceActions({ device }: { device: DeviceDetail }) {
  const [shown, setShown] = useState<DeviceAction | 'edit'>();
  const close = () => setShown(undefined);
  return (
    <>
      <SpaceBetween direction="horizontal" size="xs">
        <Button onClick={() => setShown('edit')}>Edit</Button>
        {device.actions.length > 0 && (
          <ButtonDropdown
            items={device.actions.map((id) => ({ id, text: DEVICE_ACTIONS[id].label }))}
            onItemClick={({ detail }) => {
              if (isWord(DEVICE_ACTION_NAMES, detail.id)) setShown(detail.id);
            }}
          >
            Actions
          </ButtonDropdown>
        )}
      </SpaceBetween>
      {shown === 'edit' && <EditDevice device={device} onClose={close} />}
      {shown && shown !== 'edit' && <ActOnDevice device={device} action={shown} onClose={close} />}
    </>
  );
}
