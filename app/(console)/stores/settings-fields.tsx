'use client';

import Checkbox from '@cloudscape-design/components/checkbox';
import type { ListedStore } from '../../../lib/api/schemas/store-schemas.ts';
import { REPORT_PREFIX } from '../../../lib/domain/report-place.ts';
import { TextField } from '../../_ui/text-field.tsx';

/** Settings of a store while they are typed; what is empty is as usual. */
export interface StoreDraft {
  reportsBucket: string;
  reportsPrefix: string;
  readTwice: boolean;
}

export const storeDraftOf = (settings: ListedStore['settings']): StoreDraft => ({
  reportsBucket: settings?.reports?.bucket ?? '',
  reportsPrefix: settings?.reports?.prefix ?? '',
  readTwice: settings?.readTwice ?? false,
});

export const settingsOf = ({ reportsBucket, reportsPrefix, readTwice }: StoreDraft) => ({
  reports: { bucket: reportsBucket || undefined, prefix: reportsPrefix || undefined },
  readTwice,
});

interface SettingsFieldsProps {
  value: StoreDraft;
  onChange: (value: StoreDraft) => void;
}

/** Where completion reports lie in a store, and how exports read it. */
export function SettingsFields({ value, onChange }: SettingsFieldsProps) {
  return (
    <>
      <TextField
        label="Bucket for completion reports (optional)"
        description="Of this store; when empty, the bucket of each job"
        value={value.reportsBucket}
        onChange={(reportsBucket) => onChange({ ...value, reportsBucket })}
      />
      <TextField
        label="Prefix of completion reports (optional)"
        description={`Ends in a slash; when empty, ${REPORT_PREFIX}. Exports leave what lies under it out.`}
        value={value.reportsPrefix}
        onChange={(reportsPrefix) => onChange({ ...value, reportsPrefix })}
      />
      <Checkbox
        checked={value.readTwice}
        description="Where the store says nothing that the bytes could be compared with, exports read an object twice"
        onChange={({ detail }) => onChange({ ...value, readTwice: detail.checked })}
      >
        Read twice what the store cannot prove
      </Checkbox>
    </>
  );
}
