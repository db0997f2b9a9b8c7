import { Readable } from 'node:stream';
import {
  erasureCertificate,
  erasurePaper,
  erasuresOf,
} from '../../../../lib/server/certificates/erasure-certificates.ts';
import { transferProof } from '../../../../lib/server/certificates/transfer-proofs.ts';
import { fileResponse } from '../file-response.ts';
import type { Handlers } from '../handle.ts';

type DocumentRoutes =
  | 'getTransferProof'
  | 'getErasureCertificate'
  | 'getErasurePaper'
  | 'listErasures';

/** Signed documents about what was done. */
export const documentHandlers: Pick<Handlers, DocumentRoutes> = {
  getTransferProof: async ({ console, actor, params, now }) => {
    const parts = await transferProof(console, actor, params.jobId, now);
    const content = Readable.toWeb(Readable.from(parts, { objectMode: false })) as ReadableStream;
    return fileResponse(content, {
      type: 'application/x-tar',
      name: `${params.jobId}-proof.tar`,
    });
  },
  getErasureCertificate: async ({ console, actor, params, now }) => {
    const { der } = await erasureCertificate(console, actor, params.jobId, now);
    return fileResponse(new Uint8Array(der), {
      type: 'application/pkcs7-mime',
      name: `${params.jobId}-erasure.cms`,
      bytes: der.length,
    });
  },
  getErasurePaper: async ({ console, actor, params, now }) => {
    const pdf = await erasurePaper(console, actor, params.jobId, now);
    return fileResponse(pdf, {
      type: 'application/pdf',
      name: `${params.jobId}-erasure.pdf`,
      bytes: pdf.byteLength,
    });
  },
  listErasures: async ({ console, actor, params }) => ({
    erasures: await erasuresOf(console.db.read, actor, params.deviceId),
  }),
};
