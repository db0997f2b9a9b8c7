'use client';

import Button from '@cloudscape-design/components/button';
import SpaceBetween from '@cloudscape-design/components/space-between';
import { routeUrl } from '../../lib/api/client.ts';
import { WIRE } from '../../lib/api/wire.ts';

/** The certificate of an erasure: for people, and signed. */
export function ErasureDownloads({ jobId }: { jobId: string }) {
  return (
    <SpaceBetween direction="horizontal" size="xs">
      <Button
        iconName="download"
        href={routeUrl(WIRE.getErasurePaper.path, { jobId })}
        download={`${jobId}-erasure.pdf`}
      >
        Certificate of erasure
      </Button>
      <Button
        iconName="download"
        href={routeUrl(WIRE.getErasureCertificate.path, { jobId })}
        download={`${jobId}-erasure.cms`}
      >
        Signed (CMS)
      </Button>
    </SpaceBetween>
  );
}
