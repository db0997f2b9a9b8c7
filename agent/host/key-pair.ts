import { WaybillError } from '../../lib/domain/errors.ts';

export interface KeyPair {
  accessKeyId: string;
  secretAccessKey: string;
  sessionToken?: string;
}

/** Names of the fields in the files that AWS and its tools write. */
const FIELDS: Record<keyof KeyPair, RegExp> = {
  accessKeyId: /^(aws_access_key_id|access key id)$/i,
  secretAccessKey: /^(aws_secret_access_key|secret access key)$/i,
  sessionToken: /^(aws_session_token|session token)$/i,
};

/**
 * The key pair of a file: the first profile of AWS's credentials file (`aws_access_key_id = …`), or the CSV that
 * AWS's console gives (`Access key ID,Secret access key`). Throws Usage, which never quotes the file.
 */
export function parseKeyPair(text: string): KeyPair {
  const lines = text
    .replace(/^\ufeff/, '')
    .split(/\r?\n/)
    .map((line) => line.trim())
    .filter((line) => line !== '' && !/^[#;[]/.test(line));
  const [head = '', row = ''] = lines;
  const fields = head.includes('=') ? iniFields(lines) : csvFields(head, row);
  const field = (name: keyof KeyPair) =>
    fields.find(([key, value]) => FIELDS[name].test(key) && value !== '')?.[1];
  const accessKeyId = field('accessKeyId');
  const secretAccessKey = field('secretAccessKey');
  const sessionToken = field('sessionToken');
  if (!accessKeyId || !secretAccessKey)
    throw new WaybillError('Usage', {
      detail:
        'the file of the key pair has no lines aws_access_key_id = … and aws_secret_access_key = …',
    });
  return { accessKeyId, secretAccessKey, ...(sessionToken ? { sessionToken } : {}) };
}

type Field = [name: string, value: string];

function iniFields(lines: string[]): Field[] {
  return lines.map((line) => {
    const at = line.indexOf('=');
    return [line.slice(0, at).trim(), line.slice(at + 1).trim()];
  });
}

function csvFields(head: string, row: string): Field[] {
  const values = row.split(',');
  return head.split(',').map((name, i) => [name.trim(), (values[i] ?? '').trim()]);
}
