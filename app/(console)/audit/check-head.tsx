'use client';

import Box from '@cloudscape-design/components/box';
import { useState } from 'react';
import type { CallResult } from '../../../lib/api/client.ts';
import { useCall } from '../../_data/api.ts';
import { CallDialog } from '../../_ui/dialogs.tsx';
import { OneFile } from '../../_ui/file-input.tsx';
import { CheckResult } from './check-result.tsx';

/** Compares the custody log with a signed head that somebody kept outside the console. */
export function CheckHeadDialog({ onClose }: { onClose: () => void }) {
  const [file, setFile] = useState<File>();
  const [result, setResult] = useState<CallResult<'checkCustodyHead'>>();
  const call = useCall('checkCustodyHead', setResult);
  const choose = (next: File | undefined) => {
    setFile(next);
    setResult(undefined);
    call.reset();
  };
  return (
    <CallDialog
      title="Check a head that you kept"
      confirm="Check"
      dismiss="Close"
      disabled={!file}
      call={call}
      onClose={onClose}
      onConfirm={() => file && call.mutate({ body: file })}
    >
      <Box>
        A signed head that was kept elsewhere shows whether the log was cut off or rewritten since.
        It comes with completion reports, mails and webhooks of jobs that ended, and with backups.
      </Box>
      <OneFile
        file={file}
        dropText="Drop the head, or a mail that holds it, here"
        onChange={choose}
      />
      {result && <CheckResult check={result} />}
    </CallDialog>
  );
}
