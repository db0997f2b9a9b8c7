import { type ErrorCode, type Facts, WaybillError } from '../../domain/errors.ts';

/** An error as plain data, on its way from a thread. */
export interface PackedError {
  code?: ErrorCode;
  facts?: Facts;
  name: string;
  message: string;
  stack?: string | undefined;
}

export function packError(error: unknown): PackedError {
  if (!(error instanceof Error)) return { name: 'Error', message: String(error) };
  const { name, message, stack } = error;
  if (error instanceof WaybillError)
    return { code: error.code, facts: error.facts, name, message, stack };
  return { name, message, stack };
}

export function unpackError({ code, facts, name, message, stack }: PackedError): Error {
  if (code) return new WaybillError(code, facts);
  const error = new Error(message);
  error.name = name;
  error.stack = stack;
  return error;
}
