'use client';

import Box from '@cloudscape-design/components/box';
import Button from '@cloudscape-design/components/button';
import Container from '@cloudscape-design/components/container';
import FileUpload from '@cloudscape-design/components/file-upload';
import FormField from '@cloudscape-design/components/form-field';
import Header from '@cloudscape-design/components/header';
import Link from '@cloudscape-design/components/link';
import SpaceBetween from '@cloudscape-design/components/space-between';
import { useState } from 'react';
import { routeUrl } from '../../../../../lib/api/client.ts';
import type { JobDetail } from '../../../../../lib/api/schemas/job-schemas.ts';
import { WIRE } from '../../../../../lib/api/wire.ts';
import { OPTION_RULES } from '../../../../../lib/domain/options.ts';
import { permits } from '../../../../../lib/domain/permissions.ts';
import { useCall } from '../../../../_data/api.ts';
import { usePerson } from '../../../../_data/session.tsx';
import { Command, Copyable } from '../../../../_ui/copyable.tsx';
import { CallDialog, TellDialog } from '../../../../_ui/dialogs.tsx';
import { Failure } from '../../../../_ui/failure.tsx';
import { useNotify } from '../../../../_ui/notices.tsx';
import { RevealsTable } from './reveals-table.tsx';
import { manifestName, siteCommand } from './site-command.ts';

/** Manifest and unlock code, what is done with them at the site, and who had them. */
export function CredentialsTab({ job }: { job: JobDetail }) {
  const { role } = usePerson();
  const mayHave = permits(role, 'job.credentials') && job.manageable;
  return (
    <SpaceBetween size="l">
      {job.credentialsAvailable && mayHave ? (
        <Credentials job={job} />
      ) : (
        <NoCredentials job={job} />
      )}
      <RevealsTable reveals={job.reveals} />
    </SpaceBetween>
  );
}

function NoCredentials({ job }: { job: JobDetail }) {
  const { role } = usePerson();
  const why = !job.credentialsAvailable
    ? OPTION_RULES[job.option].deviceShipsFirst
      ? 'Manifest and unlock code can be had only while the device is at the site.'
      : 'Manifest and unlock code of a disk job end with it.'
    : permits(role, 'job.credentials')
      ? 'Manifest and unlock code of a disk job are had by command line; the commands are on the overview.'
      : 'Manifest and unlock code are for operators and administrators.';
  return (
    <Container header={<Header variant="h2">Credentials</Header>}>
      <Box color="text-body-secondary">{why}</Box>
    </Container>
  );
}

function Credentials({ job }: { job: JobDetail }) {
  const { id: jobId } = job;
  const file = manifestName(job);
  return (
    <Container
      header={
        <Header
          variant="h2"
          description="Take the manifest to the site as a file, and the unlock code another way. Each download and reveal is in the custody log."
          actions={
            <SpaceBetween direction="horizontal" size="xs">
              <Button
                iconName="download"
                href={routeUrl(WIRE.getManifest.path, { jobId })}
                download={file}
              >
                Download manifest
              </Button>
              <UnlockCode jobId={jobId} />
            </SpaceBetween>
          }
        >
          Credentials
        </Header>
      }
    >
      <SpaceBetween size="m">
        <div>
          At the site, with the <Link href={routeUrl(WIRE.agentProgram.path)}>agent</Link> (one
          file, runs with Node): <Command text={siteCommand(job)} />
        </div>
        {job.type === 'import' && !job.sealed && <ReceiptUpload jobId={jobId} />}
      </SpaceBetween>
    </Container>
  );
}
function UnlockCode({ jobId }: { jobId: string }) {
  const [asking, setAsking] = useState(false);
  const call = useCall('revealUnlockCode');
  const close = () => {
    setAsking(false);
    call.reset();
  };
  const code = call.data?.unlockCode;
  return (
    <>
      <Button onClick={() => setAsking(true)}>Reveal unlock code</Button>
      {asking && !code && (
        <CallDialog
          title="Reveal the unlock code?"
          confirm="Reveal"
          call={call}
          onClose={close}
          onConfirm={() => call.mutate({ params: { jobId } })}
        >
          <Box>
            With manifest and code together the device can be read and sealed. The custody log
            records that you saw it.
          </Box>
        </CallDialog>
      )}
      {code && (
        <TellDialog title="Unlock code" confirm="Done" onClose={close}>
          <Box fontSize="heading-m">
            <Copyable text={code} what="unlock code" />
          </Box>
        </TellDialog>
      )}
    </>
  );
}

/** A site without a network hands in its seal as a file. */
function ReceiptUpload({ jobId }: { jobId: string }) {
  const notify = useNotify();
  const call = useCall('putSealReceipt', () =>
    notify('success', 'The seal is proved. The device may leave the site.'),
  );
  return (
    <SpaceBetween size="xs">
      <FormField
        label="Seal receipt"
        description="Only from a site without a network: receipt.cms, which waybill seal wrote. Otherwise the agent sends it."
      >
        <FileUpload
          value={[]}
          accept=".cms"
          onChange={({ detail }) => {
            const file = detail.value[0];
            if (file) call.mutate({ params: { jobId }, body: file });
          }}
          i18nStrings={{
            uploadButtonText: () => 'Choose receipt.cms',
            dropzoneText: () => 'Drop receipt.cms here',
            removeFileAriaLabel: () => 'Remove file',
            errorIconAriaLabel: 'Error',
          }}
        />
      </FormField>
      {call.error && <Failure error={call.error} />}
    </SpaceBetween>
  );
}
