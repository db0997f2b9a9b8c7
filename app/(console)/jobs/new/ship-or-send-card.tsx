'use client';

import Alert from '@cloudscape-design/components/alert';
import ColumnLayout from '@cloudscape-design/components/column-layout';
import ExpandableSection from '@cloudscape-design/components/expandable-section';
import SpaceBetween from '@cloudscape-design/components/space-between';
import { useState } from 'react';
import { OPTION_RULES, planJobs } from '../../../../lib/domain/options.ts';
import { compareWays, DEVICE_BYTES_PER_SECOND } from '../../../../lib/domain/ship-or-send.ts';
import { formatBytes, formatSize, parseBytes } from '../../../../lib/domain/sizes.ts';
import type { Option } from '../../../../lib/domain/words.ts';
import { TextField } from '../../../_ui/text-field.tsx';

const days = (n: number): string => `${n < 10 ? n.toFixed(1) : Math.round(n)} days`;

interface ShipOrSendProps {
  option: Option;
  /** Takes over the device size that the data needs, as text. */
  onSize: (size: string) => void;
}

/** How long the data would take by network and by device, and which device it needs. */
export function ShipOrSend({ option, onSize }: ShipOrSendProps) {
  const [data, setData] = useState('');
  const [line, setLine] = useState('1000');
  const [share, setShare] = useState('80');
  const [shipping, setShipping] = useState('3');
  const bytes = parseBytes(data) ?? 0;
  const [mbitPerSecond, percent, shippingDays] = [line, share, shipping].map(Number);
  const valid =
    bytes > 0 && Number(mbitPerSecond) > 0 && Number(percent) > 0 && Number(percent) <= 100;
  const move = {
    bytes,
    option,
    mbitPerSecond: mbitPerSecond ?? 0,
    utilisation: (percent ?? 0) / 100,
    shippingDays: Math.max(0, shippingDays || 0),
  };
  const ways = valid ? compareWays(move) : undefined;
  const typed = (text: string) => {
    setData(text);
    const amount = parseBytes(text) ?? 0;
    const { jobs, sizeBytes } = planJobs(option, amount);
    const exact = OPTION_RULES[option].sizes.kind === 'exact';
    if (amount > 0 && jobs === 1) onSize(exact ? `${sizeBytes / 1e12} TB` : formatSize(sizeBytes));
  };
  return (
    <ExpandableSection
      headerText="Ship or send? How much data is it?"
      variant="footer"
      defaultExpanded
    >
      <SpaceBetween size="m">
        <ColumnLayout columns={4}>
          <TextField label="Data" placeholder="30 TB" value={data} onChange={typed} />
          <TextField label="Line, Mb/s" value={line} onChange={setLine} />
          <TextField label="Share of the line, %" value={share} onChange={setShare} />
          <TextField label="Shipping, days a way" value={shipping} onChange={setShipping} />
        </ColumnLayout>
        {ways && (
          <Alert
            type="info"
            header={`By network ${days(ways.network)}, by device ${days(ways.device)}`}
          >
            {ways.better === 'device'
              ? 'Shipping is sooner.'
              : 'The network is sooner: a shipment pays when the line is needed for other things.'}{' '}
            Loading and unloading are reckoned at {formatBytes(DEVICE_BYTES_PER_SECOND)} a second, a
            hard disk’s pace.{' '}
            {ways.devices > 1 &&
              `It takes ${ways.devices} devices: make a job for each. The days are of devices that travel together.`}
          </Alert>
        )}
      </SpaceBetween>
    </ExpandableSection>
  );
}
