import { isMap, isScalar, isSeq, type ParsedNode, parseDocument } from 'yaml';
import { WaybillError } from '../../domain/errors.ts';
import { ADDRESS_FIELDS, COMMON_FIELDS, KNOWN_FIELDS } from './manifest-fields.ts';

/** A value of a manifest; every scalar is text, so that a number of a device keeps its zeros. */
export type ManifestValue = string | ManifestMap | ManifestValue[];
export interface ManifestMap {
  [field: string]: ManifestValue;
}

const BYTES_MAX = 64 * 1024;

const malformed = (detail: string): WaybillError =>
  new WaybillError('DiskManifestMalformed', { detail });

/**
 * Reads a manifest tolerantly, as it was written by hand for fifteen years: `key:value` without a space,
 * `manifestVersion: 2.0;`, and the fields of returnAddress without indentation. Throws DiskManifestMalformed.
 */
export function readManifest(text: string): ManifestMap {
  if (Buffer.byteLength(text) > BYTES_MAX) throw malformed(`it is larger than ${BYTES_MAX} bytes`);
  const document = parseDocument(tidied(text), { schema: 'failsafe', uniqueKeys: true });
  const [error] = document.errors;
  if (error) throw malformed(error.message.split('\n')[0] ?? 'it cannot be read');
  const value = document.contents === null ? {} : valueOfNode(document.contents as ParsedNode);
  if (typeof value === 'string' || Array.isArray(value)) throw malformed('it is no list of fields');
  return gatherAddress(value);
}

/** Lines with a known field and no space behind its colon get one; the version loses its semicolon. */
function tidied(text: string): string {
  return text
    .replace(/^\uFEFF/, '')
    .replace(/\r\n?/g, '\n')
    .split('\n')
    .map((line) =>
      line
        .replace(/^(\s*(?:-\s+)?)([A-Za-z]\w*):(?=[^\s])/, (all, indent: string, name: string) =>
          KNOWN_FIELDS.has(name) ? `${indent}${name}: ` : all,
        )
        .replace(/^(manifestVersion:\s*[\d.]+)\s*;\s*$/, '$1'),
    )
    .join('\n');
}

/** Aliases are not followed: a manifest has no use for them, and they can grow without bounds. */
function valueOfNode(node: ParsedNode | null): ManifestValue {
  if (node === null) return '';
  if (isScalar(node)) return node.value === null ? '' : String(node.value);
  if (isSeq(node)) return node.items.map((item) => valueOfNode(item as ParsedNode));
  if (isMap(node)) {
    const entries = node.items.map(({ key, value }): [string, ManifestValue] => [
      isScalar(key) ? String(key.value) : '',
      valueOfNode(value as ParsedNode | null),
    ]);
    return Object.fromEntries(entries);
  }
  throw malformed('it uses an alias');
}

function gatherAddress(fields: ManifestMap): ManifestMap {
  if (fields.returnAddress !== '') return fields;
  const isOfAddress = (name: string) =>
    name in ADDRESS_FIELDS && !Object.hasOwn(COMMON_FIELDS, name);
  const entries = Object.entries(fields);
  return {
    ...Object.fromEntries(entries.filter(([name]) => !isOfAddress(name))),
    returnAddress: Object.fromEntries(entries.filter(([name]) => isOfAddress(name))),
  };
}
