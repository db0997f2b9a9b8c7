'use client';

import Alert from '@cloudscape-design/components/alert';
import Box from '@cloudscape-design/components/box';
import Button from '@cloudscape-design/components/button';
import Container from '@cloudscape-design/components/container';
import FormField from '@cloudscape-design/components/form-field';
import Header from '@cloudscape-design/components/header';
import SpaceBetween from '@cloudscape-design/components/space-between';
import { useState } from 'react';
import type { SampleResult } from '../../../../lib/api/schemas/processing-schemas.ts';
import { SAMPLE_BYTES_MAX } from '../../../../lib/domain/processing.ts';
import { stepRule } from '../../../../lib/domain/processing-steps.ts';
import { formatBytes } from '../../../../lib/domain/sizes.ts';
import { useCall } from '../../../_data/api.ts';
import { Failure } from '../../../_ui/failure.tsx';
import { OneFile } from '../../../_ui/file-input.tsx';
import { Signed } from '../../../_ui/status-icon.tsx';
import type { DraftPlan } from './draft-plan.ts';

/** Runs the steps on a file of this browser's, before the job is made. */
export function TrySample({ plan }: { plan: DraftPlan }) {
  const [file, setFile] = useState<File>();
  const call = useCall('sampleProcessing');
  const code = plan.steps.some(({ step }) => stepRule(step).runsCode);
  const tooLarge = file && file.size > SAMPLE_BYTES_MAX;
  const limit = formatBytes(SAMPLE_BYTES_MAX);
  const run = async () => {
    if (!file) return;
    const content = base64Of(new Uint8Array(await file.arrayBuffer()));
    call.mutate({ body: { processing: plan, key: file.name, content } });
  };
  return (
    <Container
      header={
        <Header
          variant="h3"
          description="See what the steps make of one small file. It is not kept."
          actions={
            <Button
              disabled={!file || tooLarge || code}
              loading={call.isPending}
              onClick={() => void run()}
            >
              Try the steps
            </Button>
          }
        >
          Try it
        </Header>
      }
    >
      <SpaceBetween size="m">
        {code ? (
          <Alert type="info">
            The console runs no code. Try a plan with a function on a host that allows it: waybill
            process DIRECTORY --steps FILE --allow-processing
          </Alert>
        ) : (
          <FormField
            label="Sample"
            constraintText={`One file of at most ${limit}`}
            {...(tooLarge && { errorText: `The file is over ${limit}; take a smaller one.` })}
          >
            <OneFile
              file={file}
              dropText="Drop a file to try it"
              onChange={(next) => {
                call.reset();
                setFile(next);
              }}
            />
          </FormField>
        )}
        {call.error && <Failure error={call.error} />}
        {call.data && <Outcome result={call.data} />}
      </SpaceBetween>
    </Container>
  );
}

function Outcome({ result: { outcome, detail, made } }: { result: SampleResult }) {
  if (outcome === 'failed') return <Signed type="error">{detail}</Signed>;
  if (outcome === 'left-out') return <Signed type="stopped">A filter leaves it out.</Signed>;
  if (outcome === 'unchanged')
    return <Signed type="info">No step works on it: it is copied as it is.</Signed>;
  return (
    <SpaceBetween size="m">
      {made.map(({ key, bytes, contentEncoding, contentType, preview }) => (
        <SpaceBetween key={key} size="xxs">
          <Signed type="success">
            {[key, formatBytes(bytes), contentEncoding, contentType].filter(Boolean).join(', ')}
          </Signed>
          {preview && <Box variant="pre">{preview}</Box>}
        </SpaceBetween>
      ))}
    </SpaceBetween>
  );
}

function base64Of(bytes: Uint8Array): string {
  let text = '';
  for (const byte of bytes) text += String.fromCharCode(byte);
  return btoa(text);
}
