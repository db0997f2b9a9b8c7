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
  getTransferProof: async ({ context, actor, params, now }) => {
    const parts = await transferProof(context, actor, params.jobId, now);
    const content = Readable.toWeb(Readable.from(parts, { objectMode: false })) as ReadableStream;
    return fileResponse(content, {
      type: 'application/x-tar',
      name: `${params.jobId}-proof.tar`,
    });
  },
  getErasureCertificate: async ({ context, actor, params, now }) => {
    const { der } = await erasureCertificate(context, actor, params.jobId, now);
    return fileResponse(new Uint8Array(der), {
      type: 'application/pkcs7-mime',
      name: `${params.jobId}-erasure.cms`,
      bytes: der.length,
    });
  },
  getErasurePaper: async ({ context, actor, params, now }) => {
    const pdf = await erasurePaper(context, actor, params.jobId, now);
    return fileResponse(pdf, {
      type: 'application/pdf',
      name: `${params.jobId}-erasure.pdf`,
      bytes: pdf.byteLength,
    });
  },
  listErasures: async ({ context, actor, params }) => ({
    erasures: await erasuresOf(context.db.read, actor, params.deviceId),
  }),
};
